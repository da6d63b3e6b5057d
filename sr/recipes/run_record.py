"""What run.json says of a finished run: settings, what it reached, deviations, cost, provenance."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from sr.config import validate
from sr.errors import InputError
from sr.files import bytes_hash
from sr.seals import read_record, say_unsealed

RECORD = "run.json"
WEIGHTS = "generator.safetensors"


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Quality(_Part):
    """PSNR in dB on Y and LPIPS (AlexNet) of the validation images; lpips is None where it can not be had."""

    psnr: float
    lpips: float | None


class Validation(_Part):
    """Validation images' quality at the first step, at the last one, and of bicubic enlargement.

    generator: whose: the one that was trained (`raw`), or its average (`averaged`).
    """

    benchmark: str
    psnr: float
    lpips: float | None
    start_psnr: float
    start_lpips: float | None
    bicubic_psnr: float
    bicubic_lpips: float | None
    lpips_unavailable: str | None
    generator: str = "raw"

    @property
    def before(self) -> Quality:
        """Of the generator that the run began with."""
        return Quality(psnr=self.start_psnr, lpips=self.start_lpips)

    @property
    def after(self) -> Quality:
        """Of the generator that the run ended with."""
        return Quality(psnr=self.psnr, lpips=self.lpips)

    @property
    def bicubic(self) -> Quality:
        """Of bicubic enlargement."""
        return Quality(psnr=self.bicubic_psnr, lpips=self.bicubic_lpips)


class Parameters(_Part):
    """Numbers of trained parameters."""

    generator: int
    discriminator: int | None


class Start(_Part):
    """What a run began with: the folder of another run, or a file of weights, from its own folder; and the
    weights' hash.
    """

    run: str | None = None
    file: str | None = None
    weights: str


class MadeFrom(_Part):
    """Contents that a run took in. pretrained: asset -> hash of the weights that its losses looked with."""

    training_set_checksum: str | None = None
    start: Start | None = None
    pretrained: dict[str, str] | None = None


class RunRecord(BaseModel):
    """run.json. recipe: the resolved settings as they were then, which may no longer be today's schema.

    seconds: of the whole training. images_per_second: median rate. same_training_as: the recipe whose
    training this run took over. generator_sha256: of the weights' file; None in runs of before records
    held it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    recipe_name: str
    budget: str
    training_set: str
    seed: int
    deviations: tuple[str, ...]
    status: str
    validation: Validation
    seconds: float
    images_per_second: float | None
    peak_memory_bytes: int | None
    parameters: Parameters
    recipe: dict[str, Any]
    provenance: dict[str, Any]
    same_training_as: str | None = None
    generator_sha256: str | None = None

    @property
    def paper(self) -> str:
        """The paper whose recipe it is."""
        return self.recipe_name.partition("/")[0]

    @property
    def title(self) -> str:
        """How the recipe is called."""
        return str(self.recipe["title"])

    @property
    def made_from(self) -> MadeFrom:
        """The contents that the run took in; of a record that does not say, nothing."""
        return MadeFrom.model_validate(self.provenance)

    @property
    def start(self) -> str | None:
        """The recipe whose generator it began with."""
        start: str | None = self.recipe["start"]
        return start


def load_record(folder: Path) -> RunRecord:
    """The record of the finished run in a folder.

    Raises InputError for none, and for one that is malformed, damaged or was altered.
    """
    path = folder / RECORD
    if not path.is_file():
        raise InputError(f"{folder}: holds no finished run ({RECORD} is missing); train it with `sr train`.")
    return validate(read_record(path, _remedy(folder)), RunRecord, path)


def require_own_weights(folder: Path, record: RunRecord, content: bytes) -> None:
    """Raise InputError unless the bytes of a run's weights are those its record speaks of.

    A run of before records held their hash is used as it is, which is said.
    """
    if record.generator_sha256 is None:
        say_unsealed(folder / WEIGHTS)
    elif bytes_hash(content) != record.generator_sha256:
        raise InputError(
            f"{folder / WEIGHTS}: is damaged, was altered or is another run's, for its sha256 is not that in"
            f" {RECORD}; {_remedy(folder)}."
        )


def _remedy(folder: Path) -> str:
    return f"copy it again, or delete {folder} to train it again"
