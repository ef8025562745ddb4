"""Debian packages unpacked into a folder, without root and without touching the system's own package lists."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracesim.errors import TraceSimError
from tracesim.machine.children import ending, output_of

# Suites to add to the release's own, so that Mesa is new enough (24.3) for SAPIEN.
EXTRA_SUITES = {"bookworm": ("bookworm-backports",), "trixie": ()}
KEYRINGS = [Path("/usr/share/keyrings", name) for name in ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")]
# What every Debian with Python has, and packages without libraries: not worth a download.
NOT_NEEDED = re.compile(
    r"libc6|libgcc-s1|gcc-\d+-base|libstdc\+\+6|libcrypt1|zlib1g|libvulkan1|mesa-libgallium|.*-(data|common)"
)


class PackagesError(TraceSimError):
    """The packages cannot be had on this machine; the text says why."""


@dataclass(frozen=True)
class Archive:
    """One line of a package source: where, which suite, which component."""

    uri: str
    suite: str
    component: str


def main_archive(archives: Iterable[Archive], codename: str) -> Archive:
    """Return the archive that carries the release itself; security, updates and third parties have other suites.

    Raises:
        PackagesError: none does, or it is a disc.
    """
    for archive in archives:
        if archive.suite == codename and archive.component == "main" and not archive.uri.startswith("cdrom:"):
            return archive
    raise PackagesError(f"apt's sources on this machine name no archive for {codename}/main")


@dataclass(frozen=True)
class PrivateApt:
    """An apt with its own sources, lists and empty status in `folder`; proxies and passwords are the machine's."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> PrivateApt:
        """Return an apt that knows this machine's release, and what must be added to it.

        Raises:
            PackagesError: there is no apt, or the distribution is none of EXTRA_SUITES.
        """
        if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
            raise PackagesError("this machine has no apt")
        release = platform.freedesktop_os_release()
        codename = release.get("VERSION_CODENAME", "")
        if release.get("ID") != "debian" or codename not in EXTRA_SUITES:
            raise PackagesError(
                f"{release.get('PRETTY_NAME', 'this system')} is none of Debian's {' and '.join(EXTRA_SUITES)}"
            )
        uri = main_archive(configured_archives(), codename).uri
        signed_by = next((f"[signed-by={keyring}] " for keyring in KEYRINGS if keyring.is_file()), "")
        for sub in ("lists/partial", "archives/partial", "parts"):
            (folder / sub).mkdir(parents=True)
        (folder / "status").touch()
        suites = (codename, *EXTRA_SUITES[codename])
        (folder / "sources.list").write_text("".join(f"deb {signed_by}{uri} {suite} main\n" for suite in suites))
        (folder / "apt.conf").write_text(
            f"""
            Dir::Etc::SourceList "{folder}/sources.list";
            Dir::Etc::SourceParts "{folder}/parts";
            Dir::Etc::Preferences "/dev/null";
            Dir::Etc::PreferencesParts "{folder}/parts";
            Dir::State::Lists "{folder}/lists";
            Dir::State::Status "{folder}/status";
            Dir::State::Extended_States "{folder}/extended_states";
            Dir::Cache "{folder}";
            Dir::Cache::Archives "{folder}/archives";
            APT::Default-Release "{suites[-1]}";
            APT::Install-Recommends "false";
            APT::Sandbox::User "root";
            Acquire::Languages "none";
            Acquire::Retries "2";
            Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
            Debug::NoLocking "true";
            #clear APT::Update;
            """
        )
        return cls(folder)

    def unpack(self, packages: Sequence[str], into: Path) -> int:
        """Unpack packages and all they need, less NOT_NEEDED, into a folder; return how many there were.

        Raises:
            PackagesError: the archive cannot be reached, or has not got them.
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
        # `update` succeeds with a warning when an archive cannot be reached.
        complaints = [line for line in done.stderr.splitlines() if line.startswith(("E:", "W: Failed", "Err:"))]
        if done.returncode != 0 or complaints:
            why = complaints[0] if complaints else ending(done.returncode, done.stderr)
            raise PackagesError(f"apt-get {arguments[0]} failed ({why})")
        return done.stdout


def configured_archives(options: Sequence[str] = ()) -> list[Archive]:
    """Return the machine's package archives as apt itself reads them, in either format; `options` go to apt-get."""
    format_ = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    command = ["apt-get", *options, "indextargets", "--no-release-info", "--format", format_, "Created-By: Packages"]
    lines = output_of(command).splitlines()
    return [Archive(*line.split()) for line in lines if len(line.split()) == 3]
