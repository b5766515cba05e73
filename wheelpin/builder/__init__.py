"""Wheels that nobody published: the image to build in, and what happens there."""

from wheelpin.builder.braces import BracesError, expand_braces
from wheelpin.builder.build import build_sdist, build_wheel
from wheelpin.builder.errors import (
    BuildRequirementsError,
    CannotBuildError,
    NoBuildEngineError,
    NoSuchSourceError,
    SourceRefusedError,
    StepFailedError,
    UnsoundBuildError,
)
from wheelpin.builder.fetch import fetch_sdist, find_sdist
from wheelpin.builder.images import (
    ImageChoice,
    ImageOverrides,
    NoImage,
    OfficialImage,
    choose_image,
    official_images,
)
from wheelpin.builder.images_at_hand import ImagesAtHand
from wheelpin.builder.opening import BuildOptions, choice_for, make_workshop
from wheelpin.builder.provenance import BuildRecord
from wheelpin.builder.request import BuildRequest, BuiltWheel
from wheelpin.builder.sources import Source, open_folder, open_sdist
from wheelpin.builder.workshop import Workshop

__all__ = [
    "BracesError",
    "BuildOptions",
    "BuildRecord",
    "BuildRequest",
    "BuildRequirementsError",
    "BuiltWheel",
    "CannotBuildError",
    "ImageChoice",
    "ImageOverrides",
    "ImagesAtHand",
    "NoBuildEngineError",
    "NoImage",
    "NoSuchSourceError",
    "OfficialImage",
    "Source",
    "SourceRefusedError",
    "StepFailedError",
    "UnsoundBuildError",
    "Workshop",
    "build_sdist",
    "build_wheel",
    "choice_for",
    "choose_image",
    "expand_braces",
    "fetch_sdist",
    "find_sdist",
    "make_workshop",
    "official_images",
    "open_folder",
    "open_sdist",
]
