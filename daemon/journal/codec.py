"""Raw payloads, compressed: zstd with a dictionary trained on the first ones heard (a third of the size of none)."""

from __future__ import annotations

from collections.abc import Mapping

import zstandard

TRAIN_ON = 512
DICTIONARY_BYTES = 32_768


class Codec:
    """Compresses with the newest dictionary, reads what any of them wrote."""

    def __init__(self, dictionaries: Mapping[int, bytes]) -> None:
        self._known: dict[int, zstandard.ZstdDecompressor] = {0: zstandard.ZstdDecompressor()}
        self._compress = zstandard.ZstdCompressor(level=1, write_content_size=True)
        self._samples: list[bytes | bytearray | memoryview] | None = None if dictionaries else []
        for content in dictionaries.values():
            self._learn(content)

    def pack(self, raw: bytes) -> bytes:
        """Compressed."""
        return self._compress.compress(raw)

    def unpack(self, packed: bytes) -> bytes:
        """What `pack` was given."""
        which = zstandard.get_frame_parameters(packed).dict_id
        return self._known[which].decompress(packed)

    def train(self, raws: list[bytes]) -> tuple[int, bytes] | None:
        """Collect samples; once there are enough, a new dictionary to be stored and given to `adopt`."""
        if self._samples is None:
            return None
        self._samples += [raw for raw in raws if len(raw) < DICTIONARY_BYTES]
        if len(self._samples) < TRAIN_ON:
            return None
        del self._samples[TRAIN_ON:]  # until a dictionary is adopted the same are used again
        try:
            trained = zstandard.train_dictionary(DICTIONARY_BYTES, self._samples, level=1)
        except zstandard.ZstdError:  # samples too much alike or too small: do without
            self._samples = None
            return None
        return trained.dict_id(), trained.as_bytes()

    def adopt(self, content: bytes) -> None:
        """Use a dictionary from now on; it must be stored already."""
        self._learn(content)
        self._samples = None

    def _learn(self, content: bytes) -> None:
        dictionary = zstandard.ZstdCompressionDict(content)
        dictionary.precompute_compress(level=1)
        self._known[dictionary.dict_id()] = zstandard.ZstdDecompressor(dict_data=dictionary)
        self._compress = zstandard.ZstdCompressor(level=1, dict_data=dictionary, write_content_size=True)
