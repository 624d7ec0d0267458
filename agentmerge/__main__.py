"""``python -m agentmerge`` and the console script: run the command line, never show a traceback."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; exit 2 with one line for anything that a user can cause."""
    # A run is short and its inputs are capped: collecting garbage would only cost time.
    gc.disable()
    from agentmerge.cli import app
    from agentmerge.errors import AgentmergeError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except AgentmergeError as error:
        _fail(*getattr(error, "problems", (str(error),)))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except MemoryError:
        _fail("out of memory (merge fewer or smaller files)")
    except Exception as error:
        _fail(f"internal error: {type(error).__name__}: {error} (please report it with the files that caused it)")
    finally:
        # Nothing is left to collect on the way out either: looking through it all costs a tenth of the run.
        gc.freeze()


def _fail(*problems: str) -> None:
    from agentmerge.output.report import printable

    for problem in problems:
        # A file's name may hold a line break; an error is one line.
        print(f"agentmerge: error: {printable(problem).replace(chr(10), ' ')}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
