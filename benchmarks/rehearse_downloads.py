"""A rehearsal of `download=all` without any network: `python -m benchmarks.rehearse_downloads`.

A server on this machine gives what every source of the catalogue should give, in its stated layout and with
the right number of images, all of them made and small. One server is dead, one archive comes slowly, one is
always cut off, one has moved, and one has another layout than stated. In a copy of the project, whose
catalogue names this server, `snakemake --config budget=paper download=all` has to get all that a program can
fetch; then one of the sets is packed. What only packages hold is served as plain files.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from benchmarks.report import print_table
from tests.project_copy import copied_project

DEAD = "https://cv.snu.ac.kr/"
SLOW = "http://www.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz"
CUT_OFF = "https://data.vision.ee.ethz.ch/cvl/DIV2K/DIV2K_train_HR.zip"
MOVED = "https://huggingface.co/datasets/eugenesiow/PIRM/resolve/main/data/PIRM_valid_HR.tar.gz"
OTHER_LAYOUT = "https://huggingface.co/datasets/chaofengc/ITER/resolve/main/SR_OST_dataset.tgz"
IMAGENET = 350_000
PICTURES = 8  # different ones of a set; the others are these again
BEGINNINGS = {".mat": b"MATLAB", ".pth": b"\x80\x02", ".pt": b"\x80\x02", ".ckpt": b"\x80\x02"}


def picture(name: str, number: int) -> bytes:
    """A small PNG of random blobs, as different from every other as photographs are."""
    seed = int.from_bytes(sha256(f"{name}/{number}".encode()).digest()[:8], "big")
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(coarse).resize((136, 104), Image.Resampling.BICUBIC).save(stream, "PNG")
    return stream.getvalue()


def archive(sets: dict[str, tuple[dict[str, Any], dict[str, Any]]], scrambled: bool) -> bytes:
    """A zip with the images of all the sets (name -> asset, source) that come from one address."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, (asset, source) in sets.items():
            images = [picture(name, number) for number in range(PICTURES)]
            for number, path in enumerate(image_names(name, asset, source)):
                path = f"elsewhere/{path.replace('OutdoorSceneTrain_v2', 'train')}" if scrambled else path
                file.writestr(path, images[number % PICTURES])
        file.writestr("readme.txt", "made for a rehearsal")
    return stream.getvalue()


def image_names(name: str, asset: dict[str, Any], source: dict[str, Any]) -> Iterator[str]:
    """Paths of a set's images in an archive of the stated layout."""
    folder, pattern = source.get("member", f"{name}_HR"), source.get("pattern", "*.png")
    if asset.get("deep"):
        folders = [f"{folder}/{part}" for part in ("animal", "building", "sky")]
    else:
        folders = [f"{folder}/{part}" for part in asset.get("folders", [])] or [folder]
    for number in range(asset["count"]):
        yield f"{folders[number % len(folders)]}/{pattern.replace('*', f'{number:06}')}"
        if "_HR" in pattern:
            yield f"{folders[number % len(folders)]}/{number:06}_LR.png"


class Sources:
    """What the server gives, by address; and the catalogue that names the server."""

    def __init__(self, catalogue: dict[str, Any], port: int, closed: int) -> None:
        self.bodies: dict[str, bytes] = {}
        shared: dict[str, dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {}
        for name, asset in catalogue["assets"].items():
            asset["sources"] = [self._as_url(name, source) for source in asset.get("sources", [])] or None
            if asset["sources"] is None:
                del asset["sources"]
            for source in asset.get("sources", []):
                if source["kind"] == "url" and asset["kind"] == "images":
                    shared.setdefault(source["url"], {})[name] = (asset, source)
                elif source["kind"] == "url":
                    self.bodies[source["url"]] = self._file(name, asset, source)
        for url, sets in shared.items():
            self.bodies[url] = archive(sets, scrambled=url == OTHER_LAYOUT)
        for asset in catalogue["assets"].values():
            for source in asset.get("sources", []):
                if source["kind"] == "url":
                    self._point_here(source, port, closed)

    @staticmethod
    def _as_url(name: str, source: dict[str, Any]) -> dict[str, Any]:
        """A package's file as a file of its own."""
        source = dict(source)
        if source["kind"] != "package":
            return source
        url = f"https://packages.example/{name}/{source['package']}/{Path(source['member']).name}"
        return {"kind": "url", "url": url, "evidence": "made"} | (
            {"path": source["path"]} if "path" in source else {}
        )

    @staticmethod
    def _file(name: str, asset: dict[str, Any], source: dict[str, Any]) -> bytes:
        suffix = Path(source.get("path", asset["path"])).suffix
        content = BEGINNINGS.get(suffix, b"") + np.random.default_rng(len(name)).bytes(20_000)
        if not source["url"].endswith(".zip"):
            return content
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as file:
            file.writestr(f"release/{source['member']}", content)
        return stream.getvalue()

    def _point_here(self, source: dict[str, Any], port: int, closed: int) -> None:
        """The address on this machine, and the made file's hash in place of the real one's."""
        url, content = source["url"], self.bodies[source["url"]]
        for key in ("size", "md5", "sha256", "sha256_prefix", "archive"):
            source.pop(key, None)
        source |= {"sha256": sha256(content).hexdigest(), "evidence": "made for the rehearsal"}
        host = closed if url.startswith(DEAD) else port
        source["url"] = f"http://127.0.0.1:{host}/{url.replace('://', '/')}"


class Handler(BaseHTTPRequestHandler):
    """Gives the made files, each with its fault."""

    sources: Sources

    def do_HEAD(self) -> None:
        """The server is there."""
        self.send_response(200)
        self.end_headers()

    def do_GET(self) -> None:
        """A file, or what is wrong with it."""
        url = self.path.removeprefix("/").removeprefix("moved/").replace("/", "://", 1)
        body = self.sources.bodies.get(url)
        if body is None:
            self.send_error(404)
        elif url == MOVED and not self.path.startswith("/moved/"):
            self.send_response(302)
            self.send_header("Location", f"/moved{self.path}")
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self._send(body[: len(body) // 2] if url == CUT_OFF else body, slow=url == SLOW)

    def _send(self, body: bytes, *, slow: bool) -> None:
        step = max(1, len(body) // 20) if slow else len(body)
        for begin in range(0, len(body), step):
            self.wfile.write(body[begin : begin + step])
            time.sleep(1.0 if slow else 0.0)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def imagenet(project: Path) -> None:
    """What only a person can get: so many files, which are a few pictures again and again."""
    folder = project / "data" / "assets" / "ImageNet" / "train"
    folder.mkdir(parents=True)
    for number in range(IMAGENET):
        path = folder / f"n{number % 1000:08}" / f"n{number:08}.JPEG"
        path.parent.mkdir(exist_ok=True)
        if number < 20 * PICTURES:
            path.write_bytes(picture("ImageNet", number % PICTURES))
        else:
            first = number % (20 * PICTURES)
            os.link(folder / f"n{first % 1000:08}" / f"n{first:08}.JPEG", path)


def snakemake(project: Path, *arguments: str) -> tuple[str, float, float]:
    """What Snakemake says, and the seconds and processor seconds that it took; fails with what it said."""
    own = {name: value for name, value in os.environ.items() if name != "SR_MIRROR"}
    begun, before = time.monotonic(), os.times()
    done = subprocess.run(
        ["snakemake", *arguments],
        cwd=project,
        env=own | {"PYTHONPATH": str(project), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    after = os.times()
    if done.returncode:
        sys.exit(done.stdout[-8000:])
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout, time.monotonic() - begun, spent


def report(project: Path) -> list[str]:
    """Print where each asset came from, and return what was not there in the end."""
    lock = json.loads((project / "data" / "assets.lock.json").read_text())["files"]
    receipts = json.loads((project / "data" / "downloads.json").read_text())
    rows, missing = [], []
    for name, record in receipts.items():
        origins = [source for source, entry in lock.items() if entry["asset"] == name]
        said = "missing" if "missing" in record else f"{record.get('images', record.get('size'))}"
        rows.append([name, said, "; ".join(origin.split("/", 4)[-1] for origin in origins) or "-"])
        missing += [name] if "missing" in record else []
    print_table("download=all budget=paper", ["asset", "images or bytes", "from"], rows)
    return missing


def main() -> None:
    """Run the rehearsal; exit code 1 when something that can be fetched is not there."""
    with tempfile.TemporaryDirectory() as temporary:
        project = copied_project(Path(temporary))
        path = project / "sr" / "data" / "catalogue.yaml"
        catalogue = yaml.safe_load(path.read_text(encoding="utf-8"))
        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as other:
            closed = other.server_address[1]
        Handler.sources = Sources(catalogue, http.server_address[1], closed)
        path.write_text(yaml.safe_dump(catalogue, sort_keys=False), encoding="utf-8")
        threading.Thread(target=http.serve_forever, daemon=True).start()
        imagenet(project)
        said, seconds, _ = snakemake(
            project, "data/downloads.json", "--config", "budget=paper", "download=all"
        )
        print(said)
        missing = report(project)
        by_hand = {
            name
            for name, asset in catalogue["assets"].items()
            if not any(
                source["kind"] in ("url", "installed") for source in asset.get("sources", [{"kind": "url"}])
            )
        }
        unexpected = set(missing) - by_hand
        print(f"{seconds:.0f} s. Only by hand: {', '.join(sorted(set(missing) & by_hand)) or 'nothing'}.")
        packed = ["data/packed/DIV2K_train/index.json", "--config", "budget=paper", "download=none"]
        _, seconds, _ = snakemake(project, *packed)
        print(f"DIV2K_train is packed after {seconds:.0f} s:")
        print((project / "data/packed/DIV2K_train/index.json").read_text()[:400])
        dry = ["-n", "--config", "budget=paper", "download=none", 'papers=["srgan"]']
        said, seconds, spent = snakemake(project, *dry)
        print(
            f"`snakemake -n` for srgan, {IMAGENET} images: {seconds:.1f} s, {spent:.1f} s of processor time"
        )
        print(next(line for line in said.splitlines() if line.startswith("total")))
        http.shutdown()
        if unexpected:
            sys.exit(f"not fetched: {', '.join(sorted(unexpected))}")


if __name__ == "__main__":
    main()
