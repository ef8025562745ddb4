"""Unpacking of Debian packages into a folder, without root and without changing the system's package lists."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracesim.errors import TraceSimError
from tracesim.machine.children import ending, output_of

EXTRA_SUITES: Final = {"bookworm": ("bookworm-backports",), "trixie": ()}
"""Supported release -> suites to add to it, so that Mesa is new enough (24.3) for SAPIEN."""

KEYRINGS: Final = [
    Path("/usr/share/keyrings", name) for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")
]

NOT_NEEDED: Final = re.compile(
    r"libc6|libgcc-s1|gcc-\d+-base|libstdc\+\+6|libcrypt1|zlib1g|libvulkan1|mesa-libgallium|.*-(data|common)"
)
"""Packages that are not downloaded: every Debian with Python has them, or they hold no libraries."""


class PackagesError(TraceSimError):
    """The packages are not available on this machine; the message says why."""


@dataclass(frozen=True)
class Archive:
    """Archive of packages, as in one line of apt's sources."""

    uri: str
    """Address of the archive."""

    suite: str
    """Suite, such as "bookworm"."""

    component: str
    """Component, such as "main"."""


def main_archive(archives: Iterable[Archive], codename: str) -> Archive:
    """Return the archive of the release itself, as opposed to those of security updates and third parties.

    Args:
        archives: Archives in apt's sources.
        codename: Code name of the release.

    Raises:
        PackagesError: There is none, or it is a disc.
    """
    for archive in archives:
        if archive.suite == codename and archive.component == "main" and not archive.uri.startswith("cdrom:"):
            return archive
    raise PackagesError(f"apt's sources on this machine name no archive for {codename}/main")


@dataclass(frozen=True)
class PrivateApt:
    """Configuration of apt with its own sources, lists and empty status; proxies and passwords are the machine's."""

    folder: Path
    """Folder of its files."""

    @classmethod
    def make(cls, folder: Path) -> PrivateApt:
        """Return a configuration for this machine's release and the suites in `EXTRA_SUITES`.

        Args:
            folder: Empty folder for its files.

        Raises:
            PackagesError: There is no apt, or the distribution is not supported.
        """
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise PackagesError("this machine has no apt")
        release = platform.freedesktop_os_release()
        codename = release.get("VERSION_CODENAME", "")
        if release.get("ID") != "debian" or codename not in EXTRA_SUITES:
            raise PackagesError(
                f"{release.get('PRETTY_NAME', 'this system')} is not one of Debian's {' and '.join(EXTRA_SUITES)}"
            )
        uri = main_archive(configured_archives(), codename).uri
        signed_by = next((f"[signed-by={keyring}] " for keyring in KEYRINGS if keyring.is_file()), "")
        for sub in ("lists/partial", "archives/partial", "parts"):
            (folder / sub).mkdir(parents=True)
        (folder / "status").touch()
        suites = (codename, *EXTRA_SUITES[codename])
        (folder / "sources.list").write_text("".join(f"deb {signed_by}{uri} {suite} main\n" for suite in suites))
        (folder / "apt.conf").write_text(_CONFIGURATION.format(folder=folder, release=suites[-1]))
        return cls(folder)

    def unpack(self, packages: Sequence[str], into: Path) -> int:
        """Unpack packages and their dependencies, except `NOT_NEEDED`, and return the number of packages.

        Args:
            packages: Names of the packages.
            into: Folder to unpack into.

        Raises:
            PackagesError: The archive cannot be reached, or does not have the packages.
        """
        self._apt_get("update", "-q")
        simulation = self._apt_get("install", "--simulate", *packages)
        names = [name for name in re.findall(r"^Inst (\S+)", simulation, re.M) if not NOT_NEEDED.fullmatch(name)]
        self._apt_get("download", "-q", *names)
        for archive in sorted(self.folder.glob("*.deb")):
            output_of(["dpkg-deb", "--extract", archive, into])
        return len(names)

    def _apt_get(self, *arguments: str) -> str:
        command = ["apt-get", "-c", str(self.folder / "apt.conf"), *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, errors="replace")
        # `update` succeeds with a warning if an archive cannot be reached.
        complaints = [line for line in done.stderr.splitlines() if line.startswith(("E:", "W: Failed", "Err:"))]
        if done.returncode != 0 or complaints:
            why = complaints[0] if complaints else ending(done.returncode, done.stderr)
            raise PackagesError(f"apt-get {arguments[0]} failed ({why})")
        return done.stdout


_CONFIGURATION: Final = """
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "{folder}/parts";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "{folder}/parts";
Dir::State::Lists "{folder}/lists";
Dir::State::Status "{folder}/status";
Dir::State::Extended_States "{folder}/extended_states";
Dir::Cache "{folder}";
Dir::Cache::Archives "{folder}/archives";
APT::Default-Release "{release}";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Debug::NoLocking "true";
#clear APT::Update;
"""


def configured_archives(options: Sequence[str] = ()) -> list[Archive]:
    """Return the machine's package archives as apt itself reads them, in either format of its sources.

    Args:
        options: Further options for apt-get.
    """
    format_ = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    command = ["apt-get", *options, "indextargets", "--no-release-info", "--format", format_, "Created-By: Packages"]
    lines = output_of(command).splitlines()
    return [Archive(*line.split()) for line in lines if len(line.split()) == 3]
