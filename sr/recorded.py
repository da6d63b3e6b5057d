"""Work of fixed shapes in fixed memory, recorded once as a CUDA graph and then launched as one.

A training step is thousands of small operations. Launched one by one, a GPU waits for the host between
them; a graph launches them all at once.
"""

import sys
from collections.abc import Callable

import torch

Values = dict[str, torch.Tensor]

# Calls that are made as they are: in them the fastest convolutions are searched, networks are compiled and
# optimisers make their state, none of which can be recorded.
_CALLS_BEFORE = 3


class Recorded:
    """Calls `work`, which takes nothing and gives named tensors, and from the fourth call on replays it.

    Every call is the whole work, the recorded one too. `work` reads and writes the same memory each time, and
    decides nothing by the values in it: what Python does in it happens once. The tensors it gives are
    overwritten by the next call. Where a GPU refuses to record, one sentence on standard error says why, and
    the work is called as it is, and `refused` is true.
    """

    def __init__(self, work: Callable[[], Values], device: torch.device) -> None:
        self._work = work
        self._calls = 0
        self._stream = torch.cuda.Stream(device)
        self._graph: torch.cuda.CUDAGraph | None = None
        self._values: Values = {}
        self.refused = False

    @property
    def replays(self) -> bool:
        """Whether calls launch the recorded work."""
        return self._graph is not None

    def __call__(self) -> Values:
        self._calls += 1
        if self._calls == _CALLS_BEFORE + 1:
            self._record()
        if self._graph is None:
            return self._beside()
        self._graph.replay()
        return self._values

    def _beside(self) -> Values:
        """On the stream that is recorded later: what a library prepares for a stream is then there."""
        present = torch.cuda.current_stream(self._stream.device)
        self._stream.wait_stream(present)
        with torch.cuda.stream(self._stream):
            values = self._work()
        present.wait_stream(self._stream)
        return values

    def _record(self) -> None:
        graph, present = torch.cuda.CUDAGraph(), torch.cuda.current_stream(self._stream.device)
        try:
            # Other threads go on cutting crops meanwhile, and may ask for memory.
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                self._values = self._work()
        except RuntimeError as error:
            self.refused = True
            # A recording that fails at its end leaves its stream behind.
            torch.cuda.set_stream(present)
            reason = str(error).splitlines()[0]
            print(f"a step can not be recorded as a CUDA graph ({reason}); it runs slower.", file=sys.stderr)
        else:
            self._graph = graph
