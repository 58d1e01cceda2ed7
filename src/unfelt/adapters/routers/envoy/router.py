"""The Envoy router: starts it under its keeper, moves customers, and says what it does now."""

import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unfelt.adapters.pseudonyms import keep_secret, load_secret
from unfelt.adapters.routers import Ended, Position, RetryableRouterError, RouterError, RouterState
from unfelt.adapters.routers.envoy import addresses, admin, log, safety, tables
from unfelt.adapters.routers.envoy.bootstrap import bootstrap
from unfelt.adapters.routers.envoy.certificate import certificate_of
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.launch import (
    WORKERS,
    await_beat,
    be_sure_it_can_begin,
    beat,
    binary_of_the_wheel,
    is_running,
    keep,
)
from unfelt.adapters.routers.envoy.manner import manner
from unfelt.adapters.routers.envoy.pins import pinned
from unfelt.adapters.routers.envoy.place import DamagedFileError, Place, locked, prepare, write_atomically
from unfelt.adapters.routers.envoy.plain import plain
from unfelt.adapters.routers.envoy.script import columns, script
from unfelt.adapters.routers.envoy.services import services
from unfelt.adapters.routers.envoy.states import state_of
from unfelt.adapters.routers.envoy.stopping import stop_router
from unfelt.adapters.routers.envoy.streams import await_release
from unfelt.adapters.routers.envoy.watching import keeper_watched
from unfelt.conf.language import _

if TYPE_CHECKING:
    from unfelt.documents.change import Change

BEGIN_WITHIN = 5.0


class EnvoyRouter:
    """Envoy from its wheel, under a keeper, for one rollout; everything it has lies in one directory."""

    log_form = "envoy"

    def __init__(
        self,
        change: "Change",
        directory: Path,
        *,
        lease_address: tuple[str, int],
        secret: bytes | None = None,
        workers: int = WORKERS,
        envoy: Path | None = None,
        now: Callable[[], datetime] = safety.utc_now,
    ) -> None:
        if change.rollout is None:
            raise RouterError(_("The plan has no rollout: nothing to route. Add `rollout:` with old and new."))
        self._change = change
        self._rollout = change.rollout
        self._listen = addresses.listener(change.rollout.listen)
        self._old, self._new = services(change.rollout)
        self._certificate = certificate_of(change)
        self._lease_address = addresses.Address(*lease_address)
        self._secret = secret
        self._workers = workers
        self._binary = envoy or binary_of_the_wheel()
        self._now = now
        self.place = Place(directory.absolute())

    # Starting and stopping ------------------------------------------------------------------------------------

    def start(self) -> RouterState:
        """Running, adopted as it is if it was started from the same plan, else started at share 0."""
        if self._certificate:
            self._certificate.check()
        self._old.check()
        self._new.check()
        place = prepare(self.place.directory)
        wanted = self._bootstrap(self._secret or load_secret(place.secret))
        if is_running(place) and safety.told(place.bootstrap) != wanted:
            self.stop()
        if not is_running(place):
            be_sure_it_can_begin(self._binary, self._listen)
            self._write_beginning(wanted)
        # A router that runs is adopted although its disk is full.
        with suppress(RetryableRouterError) if is_running(place) else nullcontext():
            self._write_plain(wanted)
        keep(place, binary=self._binary, workers=self._workers)
        try:
            await_beat(self._listen, within=BEGIN_WITHIN, secure=self._secure)
        except RetryableRouterError:
            self.stop()
            raise
        return self.state()

    def stop(self) -> None:
        """Neither the keeper nor Envoy runs, and the port is free."""
        stop_router(self.place.directory)

    @property
    def log(self) -> Path:
        """The access log."""
        return self.place.log

    def _bootstrap(self, secret: bytes) -> dict[str, Any]:
        return bootstrap(
            self.place,
            listen=self._listen,
            script=script(self._change, self.place, secret=secret),
            columns=columns(self._change),
            manner=manner(self._rollout),
        )

    @property
    def _secure(self) -> ssl.SSLContext | None:
        """How to ask the router itself, where it speaks HTTPS."""
        return self._certificate.context() if self._certificate else None

    def _write_beginning(self, wanted: dict[str, Any]) -> None:
        nobody = Position(epoch=0, phase=tables.OFF, share=0.0, salt="", lease=None)
        if self._secret is not None:
            keep_secret(self.place.secret, self._secret)
        same = safety.told(self.place.bootstrap) == wanted
        self._write(self.place.bootstrap, wanted)
        if self._certificate:
            self._write(self.place.secrets, self._certificate.table())
        if same and safety.is_for_good(self.place):
            return  # Past the point of no return `old` may no longer hold the customers' data.
        self._write(self.place.clusters, self._clusters(None))
        self._write(self.place.routes, self._routes(nobody))

    def _write_plain(self, wanted: dict[str, Any]) -> None:
        table = self._certificate.table()["resources"][0]["tls_certificate"] if self._certificate else None
        for arm, at in (("old", self._old), ("new", self._new)):
            config = plain(wanted, tables.alone(arm, at), certificate=table)
            if safety.told(self.place.plain(arm)) != config:
                self._write(self.place.plain(arm), config)

    def _keep_on(self) -> None:
        """A router that was begun and not stopped has a keeper."""
        if read_journal(self.place) is None:
            raise RouterError(
                _("The router in {path} does not run. Start it first.").format(path=self.place.directory)
            )
        keep(self.place, binary=self._binary, workers=self._workers)

    def watched(self) -> AbstractContextManager[None]:
        """Within the block a keeper that dies is replaced at once, whatever else this process waits for."""
        return keeper_watched(self.place, self._keep_on)

    # Moving ---------------------------------------------------------------------------------------------------

    def move(self, position: Position) -> datetime:
        """Envoy applied the position at the time returned; raises RouterError when it did not within 2 s.

        While latched (somebody took the customers back) only share 0 is accepted, until `clear_latch`. With a full
        disk share 0 still works: nobody is on `new`, in the phase `off` of the epoch before.
        """
        _check(position)
        if position.share == 0:
            # Back must not wait for anything: first the routes, then whatever else there is to do.
            self._apply_routes(position)
            self._apply_clusters(position.lease)
            self._keep_on()
        else:
            self._keep_on()
            self._apply_clusters(position.lease)
            self._apply_routes(position)
        return self._now()

    def close_for_good(self) -> None:
        """From here on only share 0 is accepted."""
        safety.latch(self.place)

    def taken_back(self) -> bool:
        """Whether only share 0 is accepted."""
        return self.place.latched.exists()

    def clear_latch(self) -> None:
        """The share may be above 0 again; it stays 0 until the next move."""
        safety.clear_latch(self.place.directory)

    def _apply_clusters(self, lease: str | None) -> None:
        wanted, now = self._clusters(lease), safety.told(self.place.clusters)
        if isinstance(now, dict) and now.get("resources") == wanted["resources"]:
            return
        self._write(self.place.clusters, wanted)
        safety.await_clusters(self.place, within=safety.APPLIED_WITHIN)

    def _clusters(self, lease: str | None) -> dict[str, Any]:
        return tables.clusters(self._old, self._new, lease=lease, lease_address=self._lease_address)

    def _apply_routes(self, position: Position) -> None:
        before = safety.told(self.place.routes)
        with locked(self.place.writing, patience=safety.PATIENCE):
            self._refuse_if_latched(position)
            if position.share > 0:
                await_release(self.place)
            self._write_routes(position)
        self._give_way_to_latch(position)
        try:
            safety.await_routes(self.place, within=safety.APPLIED_WITHIN)
        except RetryableRouterError:
            if position.share > 0 and tables.is_sound(before):
                self._write(self.place.routes, tables.with_pins(before, pinned(self.place.directory)))
            elif position.share > 0:
                safety.put_spare(self.place)
            raise
        self._give_way_to_latch(position)

    def _write_routes(self, position: Position) -> None:
        try:
            self._write(self.place.spare, self._routes(tables.nobody(position)))
            self._write(self.place.routes, self._routes(position))
        except (RetryableRouterError, DamagedFileError):
            if position.share > 0:
                raise
            # With a full disk, or without knowing who is pinned, share 0 is still a rename away.
            safety.put_spare(self.place)

    def _routes(self, position: Position) -> dict[str, Any]:
        return tables.with_pins(tables.routes(position), pinned(self.place.directory))

    def _refuse_if_latched(self, position: Position) -> None:
        if position.share > 0 and self.place.latched.exists():
            raise RouterError(
                _("Customers were taken back: only share 0 is accepted, not {share:.4%}.").format(
                    share=position.share
                )
            )

    def _give_way_to_latch(self, position: Position) -> None:
        """Somebody who took customers back while this process was frozen between two lines has the last word."""
        if position.share > 0 and self.place.latched.exists():
            safety.put_spare(self.place)
            self._refuse_if_latched(position)

    def _write(self, path: Path, value: dict[str, Any]) -> None:
        try:
            write_atomically(path, value, beside=self.place.directory)
        except OSError as error:
            raise RetryableRouterError(
                _("Cannot write {path} ({error}). Make room or give access, then try again.").format(
                    path=path, error=error.strerror
                )
            ) from error

    # Looking --------------------------------------------------------------------------------------------------

    def state(self) -> RouterState:
        """What it does now, as Envoy itself tells it; with Envoy away, nobody is on `new`."""
        return state_of(self.place, at=self._now)

    def ended(self) -> Ended | None:
        """How many requests it has ended, each of them with a line in the log; None while it cannot say."""
        try:
            return admin.requests_ended(self.place.admin)
        except RetryableRouterError:
            return None

    def gaps(self) -> tuple[dict[str, Any], ...]:
        """Each time Envoy had to be started again: `restart`, `at`, `gap_ms`, `code`."""
        return log.gaps(self.place)

    def heartbeat(self, *, timeout: float = 2.0) -> None:
        """A keeper is there, and one request that Envoy answers and logs itself, in no arm."""
        self._keep_on()
        beat(self._listen, timeout=timeout, secure=self._secure)

    def forget_log(self) -> None:
        """The log begins here: what was in it, before anybody who reads it now, is gone."""
        if self.log.exists() and self.log.stat().st_size:
            self.rotate()
        log.sweep(self.place)

    def tend_log(self, *, most: int = 64_000_000) -> None:
        """The log is begun anew once it holds more than `most` bytes; who reads it deletes what was read."""
        if self.log.exists() and self.log.stat().st_size > most:
            self.rotate()

    def rotate(self, *, timeout: float = 2.0) -> Path:
        """The file that holds the log so far; nothing is added to it any more, and it may be deleted once read."""
        return log.rotate(self.place, beat=self.heartbeat, timeout=timeout)


def _check(position: Position) -> None:
    if not 0 <= position.share <= 1:
        raise RouterError(
            _("The share {share!r} is not a fraction. Allowed: 0 to 1.").format(share=position.share)
        )
