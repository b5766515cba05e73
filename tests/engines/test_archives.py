"""Files into containers and out of them: all that goes in, and only what may come out."""

import io
import os
import socket
import tarfile
from pathlib import Path

import pytest

from wheelpin.engines import HostileResultError
from wheelpin.engines.archives import pack, unpack
from wheelpin.safe_write import FileNotWritableError


def packed(source: Path, folder: str) -> dict[str, tarfile.TarInfo]:
    stream = io.BytesIO()
    pack(source, folder, stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        return {member.name: member for member in archive}


def member(name: str, kind: bytes = tarfile.REGTYPE, *, mode: int = 0o644, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname = kind, mode, link
    return info


def stream_of(*members: tarfile.TarInfo, body: bytes = b"body") -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for info in members:
            info.size = len(body) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(body))
    stream.seek(0)
    return stream


def test_folder_goes_in_with_all_that_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "run.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "deep" / "run.sh").chmod(0o700)
    (tmp_path / "deep" / "er" / "data").write_bytes(b"x" * 10)
    (tmp_path / "deep" / "er" / "data").chmod(0o600)
    os.link(tmp_path / "deep" / "er" / "data", tmp_path / "again")
    (tmp_path / "link").symlink_to("deep/er")
    members = packed(tmp_path, "/work/src/")
    assert list(members) == [
        *("work/src", "work/src/again", "work/src/deep", "work/src/deep/er", "work/src/deep/er/data"),
        *("work/src/deep/run.sh", "work/src/link"),
    ]
    assert {(info.uid, info.gid, info.uname, info.gname) for info in members.values()} == {(0, 0, "", "")}
    assert members["work/src/deep/run.sh"].mode == 0o755
    assert members["work/src/deep/er/data"].mode == 0o644
    assert members["work/src/again"].size == members["work/src/deep/er/data"].size == 10
    assert members["work/src/link"].linkname == "deep/er"


def test_file_goes_in_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("text", encoding="utf-8")
    (tmp_path / "thing.whl").symlink_to("real")
    members = packed(tmp_path / "thing.whl", "/deps")
    assert list(members) == ["deps/thing.whl"]
    assert members["deps/thing.whl"].isreg()


def test_what_is_no_file_stays_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
    assert list(packed(tmp_path, "/")) == ["."]


def test_files_come_out_without_the_name_they_have_in_common(tmp_path: Path) -> None:
    stream = stream_of(
        member("out", tarfile.DIRTYPE),
        member("out/a.whl", mode=0o4755),
        member("out/deep/b.txt", mode=0o600),
        member("out/empty", tarfile.DIRTYPE),
    )
    files = unpack(stream, tmp_path / "to")
    assert files == (tmp_path / "to" / "a.whl", tmp_path / "to" / "deep" / "b.txt")
    assert [path.read_bytes() for path in files] == [b"body", b"body"]
    assert [path.stat().st_mode & 0o7777 for path in files] == [0o755, 0o644]
    assert (tmp_path / "to" / "empty").is_dir()
    assert {path.stat().st_uid for path in files} == {os.getuid()}


def test_single_file_comes_out_under_its_own_name(tmp_path: Path) -> None:
    assert unpack(stream_of(member("a.whl")), tmp_path) == (tmp_path / "a.whl",)


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        pytest.param(member("out/../../etc/passwd"), "its name leads elsewhere", id="out of the folder"),
        pytest.param(member("/etc/passwd"), "its name leads elsewhere", id="absolute"),
        pytest.param(member("out//a"), "its name leads elsewhere", id="empty part"),
        pytest.param(member("out\\..\\a"), "its name leads elsewhere", id="as Windows has it"),
        pytest.param(member("c:/a"), "its name leads elsewhere", id="a drive"),
        pytest.param(member("out/a", tarfile.SYMTYPE, link="/etc/passwd"), "neither a file nor a folder", id="link"),
        pytest.param(member("out/a", tarfile.LNKTYPE, link="/etc/passwd"), "neither a file nor a folder", id="hard"),
        pytest.param(member("out/a", tarfile.CHRTYPE), "neither a file nor a folder", id="device"),
        pytest.param(member("out/a", tarfile.FIFOTYPE), "neither a file nor a folder", id="pipe"),
    ],
)
def test_hostile_member_does_not_come_out(tmp_path: Path, hostile: tarfile.TarInfo, reason: str) -> None:
    with pytest.raises(HostileResultError, match=reason) as caught:
        unpack(stream_of(member("out", tarfile.DIRTYPE), hostile), tmp_path / "to")
    assert caught.value.member == hostile.name
    assert caught.value.exit_code == 4
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == []


def test_name_comes_out_once(tmp_path: Path) -> None:
    with pytest.raises(HostileResultError, match="its name is taken"):
        unpack(stream_of(member("out/a"), member("out/a")), tmp_path)


def test_link_that_lies_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HostileResultError, match="its name is taken"):
        unpack(stream_of(member("out/a")), tmp_path / "to")
    assert not (tmp_path / "elsewhere").exists()


def test_too_much_does_not_come_out(tmp_path: Path) -> None:
    with pytest.raises(HostileResultError, match="more than 20000 bytes"):
        unpack(stream_of(member("out/a"), body=b"0" * 30_000), tmp_path, most_bytes=20_000)


def test_too_many_files_do_not_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wheelpin.engines.archives.MOST_FILES", 2)
    with pytest.raises(HostileResultError, match="more than 2 files"):
        unpack(stream_of(*(member(f"out/{number}") for number in range(3))), tmp_path)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HostileResultError, match="no archive"):
        unpack(io.BytesIO(b"no such file or directory\n" * 100), tmp_path)


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileNotWritableError, match="file"):
        unpack(stream_of(member("out/a")), tmp_path / "file" / "deeper")
