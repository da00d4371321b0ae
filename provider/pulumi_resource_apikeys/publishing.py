"""What only whoever publishes this knows: filled in here, once, and carried from here into all that is released.

Schema, SDKs, wheels and archives take it from here (`make generate`, `make release`). As it stands, empty, everything
works offline and nothing sends anyone to an address: plugins and SDKs are installed from files.
"""

from __future__ import annotations

PUBLISHER = ""
"""Who publishes it, as the registry shows."""

REPOSITORY = ""
"""The https address of the source repository, without `.git` and a slash at the end."""

HOMEPAGE = ""
"""The address of a page about it; the repository's where there is no other."""

PLUGIN_DOWNLOAD_URL = ""
"""Where `pulumi` fetches the plugin's archives from, named as `make release` names them.

`github://api.github.com/OWNER/REPOSITORY` for the assets of GitHub releases, or an https address below which the
archives lie. With it, programs in any language need no step to install the plugin.
"""

LOGO_URL = ""
"""The https address of `docs/logo.svg`, of 100 by 100 pixels as the registry asks for."""

GO_MODULE = "example.com/pulumi-apikeys/sdk/go"
"""The import path of the Go SDK's module: the repository's address without the scheme, and `/sdk/go`.

`example.com` belongs to nobody and serves nothing (RFC 2606).
"""

NODE_PACKAGE = "pulumi-apikeys"
"""The name of the Node SDK; with a scope, `@OWNER/pulumi-apikeys`."""

LICENSE = "Apache-2.0"
"""SPDX expression of the licence in the file LICENSE."""
