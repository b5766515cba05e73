import pytest

from wheelpin.builder.diagnosis import diagnose


@pytest.mark.parametrize(
    ("exit_code", "line", "reason", "hint"),
    [
        pytest.param(1, "src/a.c:3:10: fatal error: ffi.h: No such file or directory", "no ffi.h", "system-packages"),
        pytest.param(1, "fatal error: 'yaml.h' file not found", "no yaml.h", "system-packages"),
        pytest.param(1, "/usr/bin/ld: cannot find -lblas: No such file", "no library blas", "system-packages"),
        pytest.param(1, "ModuleNotFoundError: No module named 'numpy'", "imports numpy", "build-requires"),
        pytest.param(1, "ImportError: No module named Cython.Build", "imports Cython.Build", "build-requires"),
        pytest.param(1, "ERROR: No matching distribution found for cython<3", "wants cython<3", "build-requires"),
        pytest.param(
            1, "ERROR: Could not find a version that satisfies the requirement wheel (from versions: none)", "wheel", ""
        ),
        pytest.param(
            1, "socket.gaierror: [Errno -3] Temporary failure in name resolution", "to fetch", "network = true"
        ),
        pytest.param(1, "curl: (6) Could not resolve host: index.example", "to fetch", "network = true"),
        pytest.param(1, "error: command 'gcc' failed: No such file or directory", "program gcc", "system-packages"),
        pytest.param(
            1, "error: unable to execute 'gfortran': No such file or directory", "gfortran", "system-packages"
        ),
        pytest.param(1, "sh: 1: cmake: not found", "program cmake", "system-packages"),
        pytest.param(1, "OSError: [Errno 28] No space left on device", "disk is full", "make room"),
        pytest.param(139, "gcc ...", "segmentation fault", "vsyscall=emulate"),
        pytest.param(137, "cc1 ...", "killed", "memory"),
    ],
)
def test_last_words_are_explained(exit_code: int, line: str, reason: str, hint: str) -> None:
    found = diagnose(exit_code, ["running build_ext", line, "ERROR: Failed building wheel for demo"])
    assert reason in found.reason
    assert hint in (found.hint or "")


def test_first_complaint_is_quoted_where_no_sign_is_known() -> None:
    lines = ["a.c:1:1: error: expected ';'", "error: command '/usr/bin/gcc' failed with exit code 1", "ERROR: later"]
    assert diagnose(1, lines).reason == "a.c:1:1: error: expected ';'"


def test_silence_is_told_by_its_exit_code() -> None:
    assert diagnose(3, ["building"]).reason == "exit code 3"
