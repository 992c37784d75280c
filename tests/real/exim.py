"""A real mail server for tests: Debian's Exim from package `exim4-daemon-light`, in a folder and on a port of its own.

It takes mail on loopback, puts all of it into one Maildir and sends nothing on. The packaged program is setuid; here
it runs with no privileges to gain, as whoever starts it, or as `nobody` where that is root.
"""

from __future__ import annotations

import email
import email.policy
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.real.downloads import Unavailable
from tests.real.ports import LOOPBACK, free_ports
from tests.waiting import until

PROGRAM = "exim4"
PLACES = "/usr/sbin:/usr/bin"
START_WITHIN_S = 20
STOP_WITHIN_S = 20
DELIVERED_WITHIN_S = 20
GONE, FULL, SPAM = "gone", "full", "spam"
"""Local parts: no such mailbox (550), full just now (451), whose mail is not taken once it is read (554)."""

USER, PASSWORD = "czar", "hunter2"
"""Taken on encrypted connections; who has none may send too."""

CONFIG = """
primary_hostname = mail.example.org
exim_user = {user}
exim_group = {group}
never_users =
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts = *
tls_certificate = {folder}/certificate
tls_privatekey = {folder}/key
tls_on_connect_ports = {tls_port}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
local_interfaces = {host}
daemon_smtp_ports = {port} : {tls_port}
acl_smtp_rcpt = rcpt
acl_smtp_data = data
deliver_drop_privilege = true
begin acl
rcpt:
  deny  local_parts = {GONE}
        message = no such mailbox
  defer local_parts = {FULL}
        message = mailbox is full
  accept
data:
  deny  condition = ${{if match{{$recipients}}{{\\N^{SPAM}@\\N}}}}
        message = not wanted
  accept
begin routers
all:
  driver = accept
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  directory = {folder}/mail
  maildir_format
  envelope_to_add
  user = {user}
  group = {group}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = ${{if def:tls_in_cipher}}
  server_condition = ${{if and{{{{eq{{$auth2}}{{{USER}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
"""


class RealMailServer:
    """A server whose mailbox lies in `folder`. The port stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.tls_port = free_ports(2)
        self.certificate = folder / "certificate"
        self._process: subprocess.Popen[bytes] | None = None
        self._program = _program()
        self._make_folders()

    @property
    def url(self) -> str:
        """Where it is, for apprise; it names nobody yet."""
        return f"mailto://{LOOPBACK}:{self.port}?from=czar@czar.example.org"

    def start(self) -> None:
        """Start and wait until it takes mail."""
        command = [*_as_nobody_special(), self._program, "-C", os.fspath(self.folder / "conf"), "-bdf"]
        with (self.folder / "out").open("ab") as out:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, process_group=0)
        until(lambda: self.answers() or not self.running(), START_WITHIN_S, "Exim to start")
        if not self.running():
            raise Unavailable(f"Exim ended at once:\n{(self.folder / 'out').read_text()[-2000:]}")

    def stop(self) -> None:
        """End it; mail that was taken is delivered by children of its own."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(STOP_WITHIN_S)
        self._process = None

    def running(self) -> bool:
        """Is there a process?"""
        return self._process is not None and self._process.poll() is None

    def answers(self) -> bool:
        """Whether it takes mail."""
        try:
            smtplib.SMTP(LOOPBACK, self.port, timeout=5).quit()
        except (OSError, smtplib.SMTPException):
            return False
        return True

    def mails(self) -> list[EmailMessage]:
        """All that was delivered, in the order it was."""
        files = sorted((self.folder / "mail" / "new").glob("*"), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]

    def mails_to(self, address: str, count: int) -> list[EmailMessage]:
        """The mails to one address, once there are so many and nothing is under way any more."""
        what = f"{count} mails to {address}"
        until(lambda: len(self._to(address)) >= count and self._is_idle(), DELIVERED_WITHIN_S, what)
        return self._to(address)

    def clear(self) -> None:
        """Forget all mail; take mail again."""
        until(self._is_idle, START_WITHIN_S, "Exim to deliver what it took")
        for file in (self.folder / "mail" / "new").glob("*"):
            file.unlink()
        if not self.running():
            self.start()

    def _to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails() if mail["Envelope-to"] == address]

    def _is_idle(self) -> bool:
        spool = self.folder / "spool" / "input"
        return not any(spool.glob("*-H"))

    def _make_folders(self) -> None:
        person = _who()
        group = person.pw_gid
        fields = {"GONE": GONE, "FULL": FULL, "SPAM": SPAM, "host": LOOPBACK, "folder": self.folder}
        ports = {"port": self.port, "tls_port": self.tls_port, "USER": USER, "PASSWORD": PASSWORD}
        text = CONFIG.format(user=person.pw_uid, group=group, **ports, **fields)
        self._make_certificate(person)
        (self.folder / "conf").write_text(text)
        self.folder.chmod(0o755)
        for name in ("spool", "log", "mail"):
            (self.folder / name).mkdir(mode=0o700)
            os.chown(self.folder / name, person.pw_uid, person.pw_gid)

    def _make_certificate(self, person: pwd.struct_passwd) -> None:
        """For this address on loopback, signed by itself, for a day."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.org")])
        begin = datetime.now(UTC) - timedelta(hours=1)
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=1))
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "key").touch(mode=0o600)
        (self.folder / "key").write_bytes(plain)
        os.chown(self.folder / "key", person.pw_uid, person.pw_gid)


@contextmanager
def running_mail_server() -> Iterator[RealMailServer]:
    """Started; stopped and removed afterwards. Raises Unavailable."""
    _program()
    folder = Path(tempfile.mkdtemp(prefix="czar-mail-"))
    server = None
    try:
        server = RealMailServer(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder)


def _program() -> str:
    found = shutil.which(PROGRAM) or shutil.which(PROGRAM, path=PLACES)
    if found is None:
        raise Unavailable("there is no Exim on this machine: apt-get install exim4-daemon-light")
    return found


def _who() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _as_nobody_special() -> list[str]:
    """The beginning of a command whose process has no privileges, keeps its number and ends with its starter."""
    if not shutil.which("setpriv"):
        raise Unavailable("Exim cannot be started safely: there is no setpriv (package util-linux)")
    person = _who()
    change = [f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *change, "--no-new-privs", "--pdeathsig=TERM"]
