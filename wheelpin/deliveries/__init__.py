"""From locks to what ships: verified wheelhouses, importable folders, archives."""

from wheelpin.deliveries.archives import Bundled, BundleJob, bundle, check_bundle
from wheelpin.deliveries.contents import Contents, UnsoundWheelsError
from wheelpin.deliveries.folders import Vendored, check_vendored, vendor
from wheelpin.deliveries.locks import LockText, LockWithoutTargetError, open_lock, target_of
from wheelpin.deliveries.supplies import download, open_scratch, open_supply

__all__ = [
    "BundleJob",
    "Bundled",
    "Contents",
    "LockText",
    "LockWithoutTargetError",
    "UnsoundWheelsError",
    "Vendored",
    "bundle",
    "check_bundle",
    "check_vendored",
    "download",
    "open_lock",
    "open_scratch",
    "open_supply",
    "target_of",
    "vendor",
]
