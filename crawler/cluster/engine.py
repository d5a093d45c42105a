"""Ray, behind three verbs: connect, start a call, wait for calls. Nothing else here imports it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from crawler.errors import CollectorError, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

T = TypeVar("T")
ADDRESS_PREFIX = "ray://"
LOCAL = "ray"
"""`--on ray`: Ray's own address of the day (RAY_ADDRESS), else processes of this machine."""
MAX_RETRIES = 5
"""How often a call is begun anew on another node when its node or process dies."""
CALLS_PER_CORE = 3
"""Calls handed over at a time for each core of the cluster: no core waits, and results do not pile up."""
_MISSING = "--on {}: {} is not installed; pip install 'news-corpus-collector[cluster]' (in a checkout: '.[cluster]')"


def cluster_module(name: str, on: str = LOCAL) -> Any:
    """A module of the extra `cluster`. Raises OptionError that says what to install."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise
        raise OptionError(_MISSING.format(on, name.partition(".")[0])) from None


def check_address(on: str) -> str | None:
    """What Ray shall be asked for: `host:port` or `auto` of `ray://…`, None for `ray`. Raises OptionError."""
    if on == LOCAL:
        return None
    address = on.removeprefix(ADDRESS_PREFIX).rstrip("/")
    if not on.startswith(ADDRESS_PREFIX) or not address:
        raise OptionError(
            f"--on {on}: give `ray` or `ray://HOST:PORT` (the port of `ray start --head`, 6379 if none is given)"
        )
    return address if address == "auto" or ":" in address else f"{address}:6379"


class Engine:
    """A connection to a cluster; leaving the `with` block ends it, and a cluster that it started."""

    def __init__(self, on: str, *, n_cores: int | None = None) -> None:
        """`on`: as of `--on`; `n_cores`: of a cluster that is started here. Raises OptionError, CollectorError."""
        address = check_address(on)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        self.ray = cluster_module("ray", on)
        self._call = self.ray.remote(_by_value())
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if address is None and "RAY_ADDRESS" not in os.environ:
            options |= {"include_dashboard": False, "num_cpus": n_cores, "_node_ip_address": "127.0.0.1"}
        elif address is not None:
            options |= {"address": address} | _own_address(address)
        _keep_quiet()
        try:
            self.ray.init(**options)
        except Exception as error:  # what Ray raises here has no common base
            raise CollectorError(
                f"--on {on}: {_first_line(error)}; is `ray start` running, with the same Ray and RAY_AUTH_MODE?"
            ) from error

    @property
    def n_cores(self) -> int:
        """Cores of all nodes that are alive now, one at least."""
        return max(1, int(self.ray.cluster_resources().get("CPU", 1)))

    def start(
        self,
        function: Callable[..., T],
        *arguments: Any,
        after: Iterable[Any] = (),
        n_retries: int = MAX_RETRIES,
    ) -> Any:
        """Begin a call of a function of a module on some node; the reference stands for what it gives.

        `after`: calls that must have ended before. The call is begun anew when its node dies, so that it may run
        twice, also at the same time: it must be harmless then.
        """
        dumps = self.ray.cloudpickle.dumps
        call = self._call.options(num_cpus=1, max_retries=n_retries, scheduling_strategy="SPREAD")
        return call.remote(_places(), dumps((function, arguments)), *after)

    def get(self, reference: Any) -> Any:
        """What a call gave. Raises what it raised, CollectorError when all nodes it was tried on died."""
        with self._plain_errors():
            return self.ray.cloudpickle.loads(self.ray.get(reference))

    async def wait(self, reference: Any) -> Any:
        """The same, for who has other things to do meanwhile."""
        with self._plain_errors():
            return self.ray.cloudpickle.loads(await asyncio.wrap_future(reference.future()))

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except self.ray.exceptions.RayTaskError as error:
            raise (
                error.cause if isinstance(error.cause, CollectorError) else CollectorError(_last_line(error))
            ) from error
        except self.ray.exceptions.RayError as error:
            raise CollectorError(f"a task was lost on the cluster: {_first_line(error)}") from error

    def each(self, function: Callable[..., T], calls: Iterable[tuple[Any, ...]]) -> Iterator[tuple[int, T]]:
        """Call `function` with each of `calls`; number and result of each as it ends, some at a time."""
        waiting: dict[Any, int] = {}
        numbered = enumerate(calls)
        try:
            while True:
                while len(waiting) < CALLS_PER_CORE * self.n_cores and (call := next(numbered, None)) is not None:
                    waiting[self.start(function, *call[1])] = call[0]
                if not waiting:
                    return
                (reference, *_), _ = self.ray.wait(list(waiting), num_returns=1)
                yield waiting.pop(reference), self.get(reference)
        finally:
            for reference in waiting:
                self.cancel(reference)

    def actor(self, name: str, kind: type) -> Any:
        """Begin an object of a class of a module that is there once for the cluster, as long as what is returned is."""
        actor = self.ray.remote(_actor_by_value()).options(
            name=name, num_cpus=0, max_restarts=-1, max_concurrency=1_000
        )
        return actor.remote(_places(), self.ray.cloudpickle.dumps(kind))

    def is_done(self, reference: Any, seconds: float | None = 0.0) -> bool:
        """Whether a call has ended within `seconds`; None: whenever it ends."""
        return bool(self.ray.wait([reference], timeout=seconds)[0])

    def cancel(self, reference: Any, *, is_at_once: bool = False) -> None:
        """Let a call end: KeyboardInterrupt in it, or `is_at_once` the end of its process."""
        with suppress(self.ray.exceptions.RayError, ValueError):
            self.ray.cancel(reference, force=is_at_once)

    def close(self) -> None:
        """Leave the cluster."""
        self.ray.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _by_value() -> Callable[..., bytes]:
    """What a node runs. A local function travels whole: the node finds the program only by the places it is told."""

    def call(places: list[str], packed: bytes, *_: Any) -> bytes:
        import importlib
        import sys

        sys.path.extend(place for place in places if place not in sys.path)
        pickle: Any = importlib.import_module("ray.cloudpickle")

        function, arguments = pickle.loads(packed)
        return bytes(pickle.dumps(function(*arguments)))

    return call


def _actor_by_value() -> type:
    class Actor:
        def __init__(self, places: list[str], packed: bytes) -> None:
            import importlib
            import sys

            sys.path.extend(place for place in places if place not in sys.path)
            pickle: Any = importlib.import_module("ray.cloudpickle")
            self.thing = pickle.loads(packed)()

        async def call(self, name: str, *arguments: Any) -> Any:
            return await getattr(self.thing, name)(*arguments)

    return Actor


async def call_actor(actor: str, name: str, *arguments: Any) -> Any:
    """What a method of an actor gives; to be awaited in a task of the cluster."""
    ray = cluster_module("ray")

    def call() -> Any:
        return ray.get(ray.get_actor(actor).call.remote(name, *arguments))

    return await asyncio.to_thread(call)


def _places() -> list[str]:
    """Where a node finds the program when it is not installed there: the folder that it was started from here."""
    return list(dict.fromkeys([str(Path(__file__).parents[2]), *(path for path in sys.path if path)]))


def _own_address(address: str) -> dict[str, str]:
    """A driver on loopback must say so, or it waits for a node of the address that it looks up for itself."""
    host = address.partition(":")[0]
    return {"_node_ip_address": "127.0.0.1"} if host in {"127.0.0.1", "localhost"} else {}


def _keep_quiet() -> None:
    """Ray prints what becomes of its nodes on stdout, pages of it, into our JSON: one line each belongs on stderr."""
    worker = cluster_module("ray._private.worker")
    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = _say_in_one_line


def _say_in_one_line(data: dict[str, Any], **_: Any) -> None:
    for message in data.get("lines", ()):
        lines = str(message).strip().splitlines() or [""]
        print(f"ray: {lines[0][:200]}", file=sys.stderr, flush=True)  # noqa: T201 - the only place it can go


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]


def _last_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:300]
