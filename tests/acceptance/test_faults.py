"""Networks and servers fail while changes are pushed; in the end each change has its one reviewer and one message."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.acceptance.community import Community
from tests.acceptance.proxy import HttpProxy, TcpProxy
from tests.czar_process import Czar
from tests.real.fixtures import Gerrits
from tests.waiting import until

pytestmark = pytest.mark.full
WHILE_S = 15.0
SETTLED_WITHIN_S = 90.0
_numbers = itertools.count()
on_old = pytest.mark.parametrize("site", ["3.10.2"], indirect=True, scope="module")
on_both = pytest.mark.parametrize("site", ["3.10.2", "3.13.5"], indirect=True, scope="module")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A daemon that reaches its Gerrit only through proxies; pushes go past them."""

    community: Community
    http: HttpProxy
    ssh: TcpProxy

    def logged_since(self) -> int:
        return len(self.community.czar.logged())

    def push_three(self) -> None:
        for who, over in (("ann", "http"), ("dee", "ssh"), ("bob", "ssh")):
            self.community.push(who, over=over)

    def until_each_once(self) -> None:
        self.community.until_each_once(SETTLED_WITHIN_S)


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, real_gerrits: Gerrits, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    world = real_gerrits.get(request.param)
    http, ssh = HttpProxy(int(world.url.rpartition(":")[2])), TcpProxy(world.ssh_port)
    with Czar(tmp_path_factory.mktemp("faults-")) as czar:
        community = Community(world=world, czar=czar, name=f"faults{next(_numbers)}")
        community.write(url=http.url, ssh_port=ssh.port)
        czar.start()
        yield Site(community=community, http=http, ssh=ssh)
    http.close()
    ssh.close()


@on_both
@pytest.mark.parametrize("fault", [TcpProxy.reset, TcpProxy.end])
def test_the_link_breaks(site: Site, fault: Callable[[TcpProxy], None]) -> None:
    since = site.logged_since()
    site.community.push("ann")
    fault(site.ssh)
    site.push_three()
    fault(site.ssh)
    site.until_each_once()
    site.community.until_logged("gerrit.stream.down", since)
    site.community.until_logged("gerrit.stream.connected", since)


@on_old
def test_the_link_breaks_again_and_again(site: Site) -> None:
    for fault in (site.ssh.reset, site.ssh.end, site.ssh.reset):
        fault()
        site.community.push("eve", over="ssh")
    site.until_each_once()


@on_old
def test_the_link_is_slow(site: Site) -> None:
    site.ssh.delay_s = 0.3
    try:
        site.push_three()
        site.until_each_once()
    finally:
        site.ssh.delay_s = 0.0


@on_old
def test_the_link_is_dead_without_saying_so(site: Site) -> None:
    since = site.logged_since()
    site.ssh.half_open()
    began = time.monotonic()
    site.push_three()
    site.community.until_logged("gerrit.stream.dead", since)
    assert time.monotonic() - began < 45
    site.community.until_logged("gerrit.stream.connected", since)
    site.push_three()
    site.until_each_once()


@contextmanager
def rest_down(site: Site, how: str) -> Iterator[None]:
    with site.http.answering(503) if how == "503" else site.http.hanging():
        yield
        until(lambda: site.http.failed, 30, "a request to fail")
    site.http.failed = 0


@on_old
@pytest.mark.parametrize("how", ["503", "hanging"])
def test_rest_is_away_for_a_while(site: Site, how: str) -> None:
    during_rest_trouble(site, how, WHILE_S)


@on_old
@pytest.mark.long
@pytest.mark.parametrize("how", ["503", "hanging"])
def test_rest_is_away_for_a_minute(site: Site, how: str) -> None:
    during_rest_trouble(site, how, 60.0)


def during_rest_trouble(site: Site, how: str, for_s: float) -> None:
    end = time.monotonic() + for_s
    with rest_down(site, how):
        site.push_three()
        until(lambda: time.monotonic() >= end, for_s + 5, "the outage to last")
        if how == "503":
            assert not site.community.czar.is_ready()
        newest = site.community.pushed[-3:]
        assert [site.community.fate(pushed).reviewers for pushed in newest] == [()] * 3
    site.until_each_once()


@on_both
def test_the_answer_to_a_post_is_lost_after_gerrit_applied_it(site: Site) -> None:
    swallowed = site.http.swallowed
    site.http.swallow_answers(2)
    site.push_three()
    site.until_each_once()
    assert site.http.swallowed == swallowed + 2


@on_old
def test_posts_reach_gerrit_after_the_daemon_gave_them_up_and_looked(site: Site) -> None:
    site.http.delay_posts(2, 3.0)
    site.push_three()
    site.until_each_once()
    assert site.http.delayed == 2


@on_both
def test_gerrit_is_restarted(site: Site) -> None:
    world = site.community.world
    try:
        site.community.push("ann")
        world.restart()
        site.push_three()
        site.until_each_once()
    finally:
        world.heal()


@on_old
def test_gerrit_dies_and_comes_back(site: Site) -> None:
    world = site.community.world
    try:
        site.push_three()
        world.kill()
        world.start()
        site.push_three()
        site.until_each_once()
    finally:
        world.heal()


@on_old
def test_gerrit_stands_still_for_some_seconds(site: Site) -> None:
    while_standing_still(site, 8.0)


@on_old
@pytest.mark.long
def test_gerrit_stands_still_for_longer_than_an_answer_is_waited_for(site: Site) -> None:
    for _ in range(3):
        while_standing_still(site, 45.0)


def while_standing_still(site: Site, for_s: float) -> None:
    world, end = site.community.world, time.monotonic() + for_s
    try:
        site.push_three()
        world.freeze()
        until(lambda: time.monotonic() >= end, for_s + 2, "some time to pass")
        world.thaw()
        site.push_three()
        site.until_each_once()
    finally:
        world.heal()


@on_old
def test_the_daemon_ends_within_five_seconds_while_gerrit_stands_still(site: Site) -> None:
    world, czar = site.community.world, site.community.czar
    try:
        site.push_three()
        world.freeze()
        began = time.monotonic()
        assert czar.stop() == 0
        assert time.monotonic() - began < 5
    finally:
        world.heal()
    czar.start()
    site.until_each_once()
