"""Wheels that nobody published: the image to build in, and what happens there."""

from wheelpin.builder.images import (
    ImageChoice,
    ImageOverrides,
    NoImage,
    OfficialImage,
    choose_image,
    official_images,
)

__all__ = ["ImageChoice", "ImageOverrides", "NoImage", "OfficialImage", "choose_image", "official_images"]
