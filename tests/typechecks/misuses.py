"""What programs must not write: mypy refuses each line that names an error, with that error. It is never run."""

from __future__ import annotations

import pulumi
import pulumi_apikeys as apikeys

from pulumi_resource_apikeys import dynamic

numbers = pulumi.Output.from_input([1])

# The SDK. That required arguments are missing, Pulumi's generated code finds at run time only.

apikeys.Provider("other", endpoint=1)  # error: call-overload
apikeys.Provider("other", address="https://api.example.com")  # error: call-overload
apikeys.APIKey()  # error: call-overload
apikeys.APIKey("deploy", expiresIn="90d")  # error: call-overload
apikeys.APIKey("deploy", rotate_every="90d")  # error: call-overload
apikeys.APIKey("deploy", expires_in=90)  # error: call-overload
apikeys.APIKey("deploy", scopes=[1])  # error: list-item
apikeys.APIKey("deploy", scopes=numbers)  # error: arg-type
apikeys.APIKey("deploy", triggers=["build"])  # error: call-overload
apikeys.APIKey("deploy", dynamic.APIKeyArgs())  # error: call-overload
apikeys.APIKey("deploy", apikeys.APIKeyArgs(), name="x")  # error: call-overload
apikeys.RotatingAPIKey("service", rotate_every=30, overlap="7d")  # error: call-overload
apikeys.RotatingAPIKeyArgs(rotate_every="30d")  # error: call-arg
apikeys.RotatingAPIKeyArgs(rotate_every="30d", overlap=None)  # error: arg-type
sdk_key = apikeys.APIKey("deploy")
sdk_key.key = sdk_key.key  # error: misc
pulumi.export("secret", sdk_key.secret)  # error: attr-defined
apikeys.APIKey("deploy", name=sdk_key.is_admin_managed)  # error: arg-type

apikeys.get_api_key(keyId="project/key")  # error: call-arg
apikeys.get_api_key(name=pulumi.Output.from_input("deploy"))  # error: arg-type
apikeys.get_api_key_output(name=1)  # error: arg-type
apikeys.get_api_keys(active="yes")  # error: arg-type
apikeys.get_api_keys_output(unused_for=90)  # error: arg-type
pulumi.export("secret", apikeys.get_api_key(name="deploy").key)  # error: attr-defined

# The dynamic classes.

dynamic.APIKey()  # error: call-overload
dynamic.APIKey("deploy", expiresIn="90d")  # error: call-overload
dynamic.APIKey("deploy", rotate_every="90d")  # error: call-overload
dynamic.APIKey("deploy", expires_in=90)  # error: call-overload
dynamic.APIKey("deploy", scopes=[1])  # error: list-item
dynamic.APIKey("deploy", scopes=numbers)  # error: arg-type
dynamic.APIKey("deploy", triggers=["build"])  # error: call-overload
dynamic.APIKey("deploy", apikeys.APIKeyArgs())  # error: call-overload
dynamic.APIKey("deploy", dynamic.APIKeyArgs(), name="x")  # error: call-overload
dynamic.APIKeyArgs("deploy")  # error: call-arg
dynamic.RotatingAPIKey("service")  # error: call-overload
dynamic.RotatingAPIKey("service", rotate_every="30d")  # error: call-overload
dynamic.RotatingAPIKey("service", "30d", "7d")  # error: call-overload
dynamic.RotatingAPIKeyArgs(rotate_every="30d")  # error: call-arg
dynamic.RotatingAPIKeyArgs(rotate_every="30d", overlap=None)  # error: arg-type
key = dynamic.APIKey("deploy")
key.key = key.key  # error: assignment
pulumi.export("secret", key.secret)  # error: attr-defined
dynamic.APIKey("deploy", name=key.is_admin_managed)  # error: arg-type
dynamic.APIKey.get("found")  # error: call-arg
