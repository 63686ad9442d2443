"""How a batch is cut into chunks, slabs and column tiles: a function of the sizes, never of the threads."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..random.streams import block_rows, cut

WIDE_CHUNK = 96 * 2**20  # bytes of inputs and error signals held at once for a wide student
WIDE_SLAB = 512  # samples: enough for their matrix product with W to run at full speed
WIDE_TILE = 512  # neurons in a tile of the gradient, for students at least twice as wide; else tiles are columns:
TILES = 4  # of the gradient, by columns, but each between these two widths:
MIN_TILE, MAX_TILE = 256, 1024  # narrower is slow, wider leaves cores idle


@dataclass(frozen=True)
class Layout:
    """Cuts n samples of dimension d, for p neurons, into chunks, and those into slabs; all in whole blocks.

    A chunk is what is held at once. For a narrow student (the gradient is small beside a block of inputs)
    chunks are single blocks and independent tasks, each with a gradient of its own. For a wide one chunks
    follow each other; within a chunk tasks are slabs of samples, then tiles of the one gradient,
    and a chunk holds at least 2 p samples, so that adding its product to the gradient costs little beside the
    product. chunk_bytes, where given, is the memory for the inputs and error signals of a chunk; a slab is
    the least.
    """

    n: int
    d: int
    p: int
    itemsize: int
    chunk_bytes: int | None

    @cached_property
    def narrow(self) -> bool:
        """Whether chunks are independent tasks."""
        return 4 * self.p <= block_rows(self.d)

    @cached_property
    def slab_rows(self) -> int:
        """Samples in a slab."""
        block = block_rows(self.d)
        return block if self.narrow else block * -(-WIDE_SLAB // block)

    @cached_property
    def chunk_rows(self) -> int:
        """Samples in a chunk."""
        per_sample = self.itemsize * (self.d + self.p)
        if self.chunk_bytes is not None:
            rows = self.chunk_bytes // per_sample
        else:
            rows = 0 if self.narrow else max(WIDE_CHUNK // per_sample, 2 * self.p)
        return min(self.n, max(1, rows // self.slab_rows) * self.slab_rows)

    @cached_property
    def footprint(self) -> int:
        """Bytes one replica works with at a time: chunk, rows, gradient, and the fields of a slab."""
        fields = 2 * self.slab_rows * self.p
        return self.itemsize * (self.chunk_rows * (self.d + self.p) + 2 * self.p * self.d + fields)

    def held(self, threads: int) -> int:
        """Bytes at the peak where one replica has all `threads`: they add chunks, or where those are held whole fields.

        Of a narrow student some gradients, too, wait to be added: see ``Crew.stream``.
        """
        if not self.narrow:
            slabs = -(-self.chunk_rows // self.slab_rows)
            return self.footprint + self.itemsize * (min(threads, slabs) - 1) * 2 * self.slab_rows * self.p
        chunks, rows = -(-self.n // self.chunk_rows), 2 * self.itemsize * self.p * self.d
        waiting = min(2 * threads + 2, chunks) * rows // 2
        return rows + min(threads, chunks) * (self.footprint - rows) + waiting

    def chunks(self) -> Iterator[tuple[int, int]]:
        """(first sample, number of samples) of every chunk."""
        return cut(self.n, self.chunk_rows)

    def slabs(self, rows: int) -> Iterator[tuple[int, int]]:
        """(first, number) of every slab of a chunk of `rows` samples, counted from the start of the chunk."""
        return cut(rows, self.slab_rows)

    def tiles(self) -> Iterator[tuple[slice, slice]]:
        """(neurons, columns) of every tile of the gradient; whole rows where that leaves two tiles or more."""
        everything = slice(None)
        if self.p >= 2 * WIDE_TILE:
            return ((slice(first, first + size), everything) for first, size in cut(self.p, WIDE_TILE))
        width = min(MAX_TILE, max(MIN_TILE, -(-self.d // TILES)))
        return ((everything, slice(first, first + size)) for first, size in cut(self.d, width))
