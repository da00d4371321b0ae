"""The keys as dynamic resources: for Python programs that want nothing but a `pip install`, and no plugin.

    from . import APIKey

    deploy = APIKey("deploy", expires_in="90d")
    pulumi.export("deployKey", deploy.key)

The lifecycles, credentials and client are the plugin's own; only the way to the engine differs. What a program may
import is what stands in `__all__`. Importing it is cheap: the heavy parts are loaded in the dynamic provider's
process alone.
"""

from .api_key import APIKey, APIKeyArgs
from .rotating_api_key import RotatingAPIKey, RotatingAPIKeyArgs

__all__ = ["APIKey", "APIKeyArgs", "RotatingAPIKey", "RotatingAPIKeyArgs"]
