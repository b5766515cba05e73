"""Which image a target gets, and why, or why none."""

import re

import pytest
from msgspec.structs import replace

from wheelpin.builder import ImageChoice, ImageOverrides, NoImage, choose_image, official_images
from wheelpin.builder.images import OfficialImage, read_images
from wheelpin.target import Libc, Target

NEWEST, WITH_38, WITH_36, WITH_35 = "2026.07.19-1", "2026.05.02-2", "2025.05.03-1", "2021-05-01-28d233a"


@pytest.mark.parametrize(
    ("target", "image", "python"),
    [
        pytest.param(
            "cp312-manylinux_2_28_x86_64", f"manylinux_2_28_x86_64:{NEWEST}", "cp312-cp312", id="its own libc"
        ),
        pytest.param("cp39-manylinux_2_31_x86_64", f"manylinux_2_28_x86_64:{NEWEST}", "cp39-cp39", id="an older libc"),
        pytest.param("cp310-manylinux_2_36_aarch64", f"manylinux_2_34_aarch64:{NEWEST}", "cp310-cp310", id="ARM"),
        pytest.param("cp314t-manylinux_2_34_s390x", f"manylinux_2_34_s390x:{NEWEST}", "cp314-cp314t", id="no lock"),
        pytest.param(
            "cp313t-manylinux_2_34_s390x", f"manylinux_2_34_s390x:{WITH_38}", "cp313-cp313t", id="once no lock"
        ),
        pytest.param("cp38-manylinux_2_28_x86_64", f"manylinux_2_28_x86_64:{WITH_38}", "cp38-cp38", id="3.8"),
        pytest.param("cp37-manylinux_2_28_x86_64", f"manylinux_2_28_x86_64:{WITH_36}", "cp37-cp37m", id="3.7"),
        pytest.param("cp36-manylinux2014_ppc64le", f"manylinux2014_ppc64le:{WITH_36}", "cp36-cp36m", id="3.6"),
        pytest.param("cp35-manylinux_2_28_x86_64", f"manylinux2014_x86_64:{WITH_35}", "cp35-cp35m", id="3.5"),
        pytest.param(
            "cp27mu-manylinux_2_36_x86_64", "manylinux2010_x86_64:2021-02-06-3d322a5", "cp27-cp27mu", id="2.7, wide"
        ),
        pytest.param("cp27m-manylinux1_i686", "manylinux1_i686:2024-04-29-76807b8", "cp27-cp27m", id="2.7, narrow"),
        pytest.param(
            "cp311-manylinux_2_26_x86_64", f"manylinux2014_x86_64:{NEWEST}", "cp311-cp311", id="none that is given up"
        ),
        pytest.param(
            "cp39-manylinux2010_x86_64", "manylinux2010_x86_64:2022-08-05-4535177", "cp39-cp39", id="or only those"
        ),
        pytest.param("abi3-cp36-manylinux2014_i686", f"manylinux2014_i686:{WITH_36}", "cp36-cp36m", id="stable ABI"),
        pytest.param("abi3-cp39-manylinux2014_i686", f"manylinux2014_i686:{NEWEST}", "cp39-cp39", id="stable, later"),
        pytest.param("cp312-musllinux_1_2_armv7l", f"musllinux_1_2_armv7l:{NEWEST}", "cp312-cp312", id="musl"),
        pytest.param("cp312-musllinux_1_1_x86_64", "musllinux_1_1_x86_64:2024.10.26-1", "cp312-cp312", id="older musl"),
        pytest.param(
            "cp311-manylinux_2_31_armv7l", f"manylinux_2_31_armv7l:{NEWEST}", "cp311-cp311", id="32 bits of ARM"
        ),
    ],
)
def test_target_gets_the_newest_image_that_serves_it(target: str, image: str, python: str) -> None:
    choice = choose_image(Target.parse(target))
    assert isinstance(choice, ImageChoice)
    assert choice.name == f"quay.io/pypa/{image}"
    assert choice.python_folder == f"/opt/python/{python}"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        pytest.param("cp312-manylinux_2_28_x86_64", "glibc 2.28 serves the target's glibc 2.28", id="plain"),
        pytest.param(
            "cp38-manylinux_2_31_x86_64",
            f"glibc 2.28 serves the target's glibc 2.31; manylinux_2_28_x86_64:{NEWEST} is newer and has no cp38-cp38",
            id="a Python that later ones lack",
        ),
        pytest.param(
            "cp311-manylinux_2_26_x86_64",
            "glibc 2.17 serves the target's glibc 2.26; "
            "manylinux_2_24_x86_64:2022-12-26-0d38463 is newer and is no longer kept up",
            id="a later one that is given up",
        ),
    ],
)
def test_choice_says_why(target: str, why: str) -> None:
    choice = choose_image(Target.parse(target))
    assert isinstance(choice, ImageChoice)
    assert choice.why == why
    assert str(choice).startswith(f"{choice.name}: {why}")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        pytest.param("cp35-manylinux2014_aarch64", "none for this architecture holds cp35-cp35m", id="Python nowhere"),
        pytest.param(
            "cp315-manylinux2010_x86_64",
            "cp315-cp315 is in none of glibc 2.12 or older; "
            f"manylinux2014_x86_64:{NEWEST} holds it and is of glibc 2.17",
            id="Python in newer ones only",
        ),
        pytest.param(
            "cp311-manylinux2014_armv7l",
            "the oldest for armv7l is of glibc 2.31, and the target has glibc 2.17",
            id="libc below all",
        ),
        pytest.param(
            "cp311-manylinux_2_36_loongarch64", "there is none of glibc for loongarch64", id="architecture unknown"
        ),
        pytest.param(
            "cp312-macosx_11_0_arm64",
            "official images are of Linux with a known libc, and the target is macosx_11_0_arm64",
            id="no Linux",
        ),
        pytest.param(
            "cp312-linux_x86_64",
            "official images are of Linux with a known libc, and the target is linux_x86_64",
            id="no libc",
        ),
    ],
)
def test_target_without_an_image_hears_why(target: str, reason: str) -> None:
    answer = choose_image(Target.parse(target))
    assert isinstance(answer, NoImage)
    assert answer.reason == reason
    assert str(answer) == f"no official image builds for {target}: {reason}"
    assert "image" in answer.hint


def test_users_own_image_goes_before_the_table() -> None:
    choice = choose_image(
        Target.parse("cp36-manylinux1_x86_64"), overrides=ImageOverrides(image="registry.example/mine:1")
    )
    assert isinstance(choice, ImageChoice)
    assert (choice.name, choice.official) == ("registry.example/mine:1", None)
    assert choice.python_folder == "/opt/python/cp36-cp36m"


def test_mirror_has_the_images_by_the_same_names() -> None:
    overrides = ImageOverrides(registry="registry.example:5000/mirror/")
    choice = choose_image(Target.parse("cp312-manylinux_2_28_x86_64"), overrides=overrides)
    assert isinstance(choice, ImageChoice)
    assert choice.name == f"registry.example:5000/mirror/manylinux_2_28_x86_64:{NEWEST}"


def test_row_that_nobody_read_from_the_registry_is_said_to_be_one() -> None:
    target = Target.parse("cp312-manylinux_2_28_x86_64")
    known = choose_image(target, images=[replace(image, is_verified=True) for image in official_images()])
    told = choose_image(target, images=[replace(image, is_verified=False) for image in official_images()])
    own = choose_image(target, overrides=ImageOverrides(image="images.example/own:1"))
    assert "nobody has read this row" not in str(known)
    assert "nobody has read this row of the table from the registry" in str(told)
    assert str(own) == "images.example/own:1: named by you"


def test_digest_is_the_pin_where_it_is_known() -> None:
    digest = "sha256:" + "0" * 64
    images = [replace(image, digest=digest) for image in official_images()]
    choice = choose_image(Target.parse("cp312-manylinux_2_28_x86_64"), images=images)
    assert isinstance(choice, ImageChoice)
    assert choice.name == f"quay.io/pypa/manylinux_2_28_x86_64@{digest}"


@pytest.mark.parametrize("image", official_images(), ids=lambda image: f"{image.repository}:{image.tag}")
def test_row_of_the_table_makes_sense(image: OfficialImage) -> None:
    assert re.fullmatch(r"(many|musl)linux(1|20\d\d|_[12]_\d+)", image.policy)
    assert re.fullmatch(r"20\d\d[.-][01]\d[.-][0-3]\d-[0-9a-f]+", image.tag)
    assert image.digest is None or re.fullmatch("sha256:[0-9a-f]{64}", image.digest)
    assert all(re.fullmatch(r"(cp\d+-cp\d+(m|mu|t)?|pp\d+-pypy\d+_pp\d+)", name) for name in image.pythons)
    assert image.pythons
    assert image.source
    assert not image.is_verified or image.digest


def test_table_has_every_kind_of_image() -> None:
    policies = {image.policy for image in official_images()}
    assert policies >= {"manylinux1", "manylinux2010", "manylinux2014", "manylinux_2_24", "manylinux_2_28"}
    assert policies >= {"manylinux_2_34", "musllinux_1_1", "musllinux_1_2"}
    held = {python for image in official_images() for python in image.pythons if image.libc is Libc.GLIBC}
    assert held >= {"cp27-cp27m", "cp27-cp27mu", "cp35-cp35m", "cp36-cp36m", "cp37-cp37m", "cp314-cp314t"}


ROW = """\
[[image]]
policy = "manylinux_2_28"
tag = "2026.01.01-1"
architectures = ["x86_64"]
pythons = ["cp312-cp312"]
is-kept-up = true
is-verified = false
checked-on = 2026-01-01
source = "a test"
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(ROW.replace("policy", "polity"), "unknown keys polity", id="unknown key"),
        pytest.param(ROW.replace('tag = "2026.01.01-1"\n', ""), "'tag'", id="missing key"),
        pytest.param(ROW + 'digests = { s390x = "sha256:0" }', "digests of s390x", id="digest of another one"),
        pytest.param(ROW.replace("manylinux_2_28", "manylinux"), "manylinux", id="no policy"),
    ],
)
def test_wrong_row_is_named(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"image 2: .*{reason}"):
        read_images(ROW + text)
