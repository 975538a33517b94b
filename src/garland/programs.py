"""Programs of the model: compiled once for a machine, kept in the user's cache, then loaded in a moment.

What is kept fits one machine, one set of libraries, one source and one evidence; a program whose key does not
fit is compiled anew. With every program stand the numbers that were read while it was traced, so that an
answer knows what it rests on although nothing was read for it again.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import sys
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, wraps
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Any, NamedTuple

from garland.evidence import is_as_filed
from garland.evidence.provenance import note_numbers, numbers_read
from garland.io import write_whole
from garland.progress import tell

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_KEPT_VERSIONS = 3
"""Folders of programs that stay: of this version and the last ones used beside it [-]."""
_LARGE = ("causes", "visit", "course", "cohort", "cohort-life", "scene", "study")
_COMPILING = "compiling the model: 20 to 40 s, the first run of this version on this machine only"
_LOADED_AGAIN_SECONDS = 0.3
"""What takes less to compile is not worth a file [s]."""
_LONGEST_WAIT_SECONDS = 300.0
_LOOK_AGAIN_SECONDS = 0.1
_NOT_KEPT: list[str] = []
"""Why programs could not be kept, the first reason first."""


class Program(NamedTuple):
    """A program ready to run, and the paths of the numbers that it holds."""

    run: Callable[..., Any]
    paths: frozenset[str]


class Compiled:
    """A function compiled by JAX, with the numbers that were read while it was traced.

    Static arguments make programs of their own, each with its own numbers. Programs of a `name` are kept
    between runs.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        static_argnums: tuple[int, ...] = (),
        name: str = "",
        **options: Any,
    ) -> None:
        import jax

        self._static, self._name = static_argnums, name
        self._options = options
        self._ready: dict[Hashable, Program] = {}
        self._locks: dict[Hashable, Lock] = {}
        self._lock = Lock()
        self._paths: dict[Hashable, set[str]] = {}

        @wraps(function)
        def traced(*args: Any) -> Any:
            with numbers_read() as found:
                value = function(*args)
            self._paths.setdefault(self._chosen(args), set()).update(found)
            return value

        self._jitted = jax.jit(traced, static_argnums=static_argnums, **options)

    def __call__(self, *args: Any) -> Any:
        """Run the program; the numbers inside it count as read."""
        import jax

        leaves, tree = self._flat(args)
        if any(isinstance(leaf, jax.core.Tracer) for leaf in leaves):
            value = self._jitted(*args)
            note_numbers(*self._paths[self._chosen(args)])
            return value
        program, taken = self._for(args, leaves, tree)
        note_numbers(*program.paths)
        return program.run(*taken)

    def ready(self, *args: Any) -> Program:
        """Return the program for arguments of these shapes, to run many times on arrays alone."""
        return self._for(args, *self._flat(args))[0]

    def _flat(self, args: tuple[Any, ...]) -> tuple[list[Any], Any]:
        """Return the arguments that are not static as leaves and their tree."""
        import jax

        leaves, tree = jax.tree.flatten([arg for i, arg in enumerate(args) if i not in self._static])
        return leaves, tree

    def _for(self, args: tuple[Any, ...], leaves: list[Any], tree: Any) -> tuple[Program, Any]:
        """Return the program for some arguments, and the arguments as it takes them."""
        import jax

        key, leaves = self._keyed(args, leaves, tree)
        taken = jax.tree.unflatten(tree, leaves)
        return self._ready.get(key) or self._prepared(key, args, taken), taken

    def _keyed(self, args: tuple[Any, ...], leaves: list[Any], tree: Any) -> tuple[Hashable, list[Any]]:
        """Return what tells the program for some arguments from others, and the arguments as taken."""
        import jax

        plain = [leaf if isinstance(leaf, jax.Array) else _strong(leaf) for leaf in leaves]
        return (self._chosen(args), tree, tuple((leaf.shape, leaf.dtype.char) for leaf in plain)), plain

    def _chosen(self, args: tuple[Any, ...]) -> Hashable:
        return tuple(args[i] for i in self._static)

    def _prepared(self, key: Hashable, args: tuple[Any, ...], given: list[Any]) -> Program:
        """Return a program that is not at hand yet: from the cache, or compiled now and kept there."""
        with self._lock:
            own = self._locks.setdefault(key, Lock())
        with own:
            if key not in self._ready:
                self._ready[key] = self._made(self._path(key), args, given)
        return self._ready[key]

    def _made(self, path: Path | None, args: tuple[Any, ...], given: list[Any]) -> Program:
        if path is None:
            return self._compile(args, given, None)
        found = _load(path)
        if found is None:
            with _by_one_process(path):
                found = _load(path) or self._compile(args, given, path)
        return found

    def _compile(self, args: tuple[Any, ...], given: list[Any], path: Path | None) -> Program:
        rest = iter(given)
        whole = [arg if i in self._static else next(rest) for i, arg in enumerate(args)]
        tell(_COMPILING if self._name in _LARGE else "preparing the model")
        began = time.perf_counter()
        with _without_cache_of_jax():
            program = self._jitted.lower(*whole).compile()
        paths = frozenset(self._paths[self._chosen(args)])
        if path and time.perf_counter() - began > _LOADED_AGAIN_SECONDS:
            _keep(path, program, paths)
        return Program(program, paths)

    def _path(self, key: Hashable) -> Path | None:
        """Return where a program is kept; None without a name, off a processor, or with other numbers than
        the files hold.
        """
        import jax

        if not self._name or jax.default_backend() != "cpu" or not is_as_filed():
            return None
        digest = hashlib.sha256(repr((key, sorted(self._options.items()))).encode()).hexdigest()[:16]
        return _folder() / f"{self._name}-{digest}.program"


def _strong(value: Any) -> Any:
    """Return a value as an array of single precision, so that a plain number makes no program of its own."""
    import numpy as np

    array = np.asarray(value)
    narrow = {"d": np.float32, "l": np.int32, "q": np.int32, "L": np.uint32, "Q": np.uint32}
    return array.astype(narrow[array.dtype.char]) if array.dtype.char in narrow else array


class _CacheOfJax:
    """How many compile without JAX's own cache at this moment, and whether it was on before the first."""

    def __init__(self) -> None:
        self.lock, self.without, self.before = Lock(), 0, True


_CACHE_OF_JAX = _CacheOfJax()


@contextmanager
def _without_cache_of_jax() -> Iterator[None]:
    """Compile without JAX's own cache: a program that came out of it cannot be stored again."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    settings: Any = jax.config
    now = _CACHE_OF_JAX

    def turn(on: bool) -> None:
        settings.update("jax_enable_compilation_cache", on)
        compilation_cache.reset_cache()

    with now.lock:
        if not now.without:
            now.before = settings.jax_enable_compilation_cache
            turn(False)
        now.without += 1
    try:
        yield
    finally:
        with now.lock:
            now.without -= 1
            if not now.without:
                turn(now.before)


@contextmanager
def _by_one_process(path: Path) -> Iterator[None]:
    """Make a program while no other process makes the same: whoever comes second waits and finds it.

    Who dies lets go at once, and nobody waits for ever; where nothing can be written, or on Windows, each
    makes its own.
    """
    lock = path.with_suffix(".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = lock.open("wb")
    except OSError:
        yield
        return
    with stream:
        until = time.monotonic() + _LONGEST_WAIT_SECONDS
        if not _is_ours(stream):
            tell("another run is preparing the model; waiting for it")
            while time.monotonic() < until and not _is_ours(stream):
                time.sleep(_LOOK_AGAIN_SECONDS)
        try:
            yield
        finally:
            with suppress(OSError):
                lock.unlink()


def _is_ours(stream: IO[bytes]) -> bool:
    """Tell whether this process holds a lock now, or cannot lock; the system frees what the dead held."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _keep(path: Path, program: Any, paths: frozenset[str]) -> None:
    """Write a program to the cache; a folder that cannot be written to only costs the next run its time."""
    from jax.experimental import serialize_executable

    try:
        content = pickle.dumps((serialize_executable.serialize(program), paths))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as problem:
        _NOT_KEPT.append(problem.strerror or str(problem))
    except ValueError as problem:
        _NOT_KEPT.append(str(problem))


def _load(path: Path) -> Program | None:
    """Return a program from the cache, None where there is none or it cannot be read."""
    from jax.experimental import serialize_executable

    try:
        stored, paths = pickle.loads(path.read_bytes())
        return Program(serialize_executable.deserialize_and_load(*stored), paths)
    except OSError:
        return None
    except Exception:  # noqa: BLE001 - whatever is wrong with a file of the cache: it is made anew
        with suppress(OSError):
            path.unlink()
        return None


def programs_root() -> Path:
    """Return the folder under which programs are kept."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "garland" / "programs"


def cache_of_jax() -> Path:
    """Return the folder in which JAX keeps what else it compiles, unless the user named another."""
    return programs_root().with_name("compiled")


class Kept(NamedTuple):
    """What is kept between runs: the folder, files in it [-], their size [byte]."""

    folder: Path
    files: int
    size: int


def kept_programs() -> Kept:
    """Return where the programs of this version are kept, and how large they are."""
    sizes = _sizes(_folder())
    return Kept(_folder(), len(sizes), sum(sizes))


def clear_programs() -> Kept:
    """Remove the programs of every version, and what JAX kept beside them; return what there was."""
    folders = (programs_root(), cache_of_jax())
    sizes = [size for folder in folders for size in _sizes(folder)]
    for folder in folders:
        rmtree(folder, ignore_errors=True)
    left = [size for folder in folders for size in _sizes(folder)]
    return Kept(programs_root().parent, len(sizes) - len(left), sum(sizes) - sum(left))


def why_not_kept() -> str:
    """Return why the programs of this run could not be kept; empty where they were, or none was made."""
    return _NOT_KEPT[0] if _NOT_KEPT else ""


def why_unwritable() -> str:
    """Return what the system says against keeping programs; empty where nothing speaks against it."""
    try:
        programs_root().mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=programs_root()):
            return ""
    except OSError as problem:
        return problem.strerror or str(problem)


def _sizes(folder: Path) -> list[int]:
    """Return the size of every file below a folder [byte]; another process may take some away meanwhile."""
    sizes = []
    with suppress(OSError):
        for path in folder.rglob("*"):
            with suppress(OSError):
                if path.is_file():
                    sizes.append(path.stat().st_size)
    return sizes


@cache
def _folder() -> Path:
    """Return the folder of programs that fit this machine, these libraries, this source and this evidence."""
    chosen = programs_root() / _fingerprint()
    with suppress(OSError):
        chosen.mkdir(parents=True, exist_ok=True)
        os.utime(chosen)
        others = [one for one in chosen.parent.iterdir() if one.is_dir()]
        for old in sorted(others, key=lambda one: one.stat().st_mtime)[:-_KEPT_VERSIONS]:
            rmtree(old, ignore_errors=True)
    return chosen


def _fingerprint() -> str:
    """Return what programs hang on, as one word."""
    import jax

    digest = hashlib.sha256()
    settings: Any = jax.config
    versions = (sys.version, *(version(library) for library in ("jax", "jaxlib", "numpy")))
    for word in (*versions, *_processor(), os.environ.get("XLA_FLAGS", ""), str(settings.jax_enable_x64)):
        digest.update(word.encode())
    package = Path(__file__).parent
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.yaml")]):
        if "cases" not in path.parts:
            digest.update(str(path.relative_to(package)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _processor() -> tuple[str, ...]:
    """Return the processor's kind and what it can do."""
    known = (platform.machine(), platform.processor(), platform.system())
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return *known, *dict.fromkeys(
            line for line in lines if line.startswith(("flags", "Features", "model name"))
        )
    return known
