"""Where to look and how to connect: pip's configuration, the environment and options, merged once at the start."""

from wheelpin.settings.layers import ExplicitOptions, Layer, Said
from wheelpin.settings.model import (
    ConfigurationError,
    Credentials,
    IndexLocation,
    KeyringProvider,
    Proxy,
    Settings,
)
from wheelpin.settings.places import Places, host_clock, host_places, read_configuration_file
from wheelpin.settings.reading import read_settings

__all__ = [
    "ConfigurationError",
    "Credentials",
    "ExplicitOptions",
    "IndexLocation",
    "KeyringProvider",
    "Layer",
    "Places",
    "Proxy",
    "Said",
    "Settings",
    "host_clock",
    "host_places",
    "read_configuration_file",
    "read_settings",
]
