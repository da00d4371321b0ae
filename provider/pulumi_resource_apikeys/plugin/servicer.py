"""The provider as the engine calls it (pulumirpc.ResourceProvider): each call decoded, given to a lifecycle, encoded.

What a lifecycle raises becomes a gRPC status with the words for the user.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import grpc
import grpc.aio
from google.protobuf import empty_pb2

from pulumi_resource_apikeys import __version__, settings
from pulumi_resource_apikeys.backend import backend_of
from pulumi_resource_apikeys.errors import ApiKeysError, InputError, Problem
from pulumi_resource_apikeys.functions.catalogue import FUNCTIONS
from pulumi_resource_apikeys.resources.checking import shown
from pulumi_resource_apikeys.resources.lifecycle import DiffRequest, Gone, Lifecycle, Live

from . import status
from .calls import Calls, answering
from .messages import (
    check_request,
    diff_response,
    kept_secret,
    list_responses,
    owner,
    read_inputs,
    read_state,
    secret_outputs,
    type_of,
    write_state,
)
from .moved import MOVED_FROM, moved_from
from .properties import Decoded, decode, encode
from .redaction import redact
from .stack_config import differing, effective_config, marked, only_remembered
from .stubs import plugin_pb2, provider_pb2, provider_pb2_grpc
from .unimplemented import unimplemented

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from google.protobuf import struct_pb2

    from pulumi_resource_apikeys.functions.function import Function
    from pulumi_resource_apikeys.keys.ownership import Owner
    from pulumi_resource_apikeys.model.values import Props
    from pulumi_resource_apikeys.wiring import Services

    from .engine_log import EngineLog
    from .messages import AboutResource

    Context = grpc.aio.ServicerContext[object, object]


LAST_WORDS_WITHIN: Final = 0.5
"""Seconds for words to the user at the end of a run."""


@unimplemented
class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One provider instance: configured once by the engine, then asked about resources."""

    def __init__(
        self, build: Callable[[settings.Settings], Services], environment: Mapping[str, str], log: EngineLog
    ) -> None:
        """Take what builds the services from settings, the process environment, and the way to the user's eyes."""
        self._build = build
        self._environment = environment
        self._backend = backend_of(environment)
        self._log = log
        self._services: Services | None = None
        self._built: list[Services] = []
        self._checked: set[str] = set()
        self.calls = Calls()
        self.was_cancelled = False
        """Whether the engine that is served has sent its `Cancel`."""

    @answering
    async def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, _context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Agree on the protocol's options."""
        await self._meet(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @answering
    async def Attach(self, request: plugin_pb2.PluginAttach, _context: Context) -> empty_pb2.Empty:
        """Meet an engine that found this plugin already running (PULUMI_DEBUG_PROVIDERS)."""
        await self._meet(request.address)
        return empty_pb2.Empty()

    async def _meet(self, engine_address: str) -> None:
        """Forget the engine before, which is gone: a plugin that is served serves one after the other."""
        if not await self._log.attach(engine_address):
            return
        self._checked.clear()
        self.was_cancelled = False
        await self.calls.drain()
        await self._close_services()

    @answering
    async def GetPluginInfo(self, _request: empty_pb2.Empty, _context: Context) -> plugin_pb2.PluginInfo:
        """Tell the version."""
        return plugin_pb2.PluginInfo(version=__version__)

    @answering
    async def GetSchema(
        self, _request: provider_pb2.GetSchemaRequest, _context: Context
    ) -> provider_pb2.GetSchemaResponse:
        """Tell the schema."""
        from pulumi_resource_apikeys.schema import schema_json  # noqa: PLC0415 - no command of a stack asks for it

        return provider_pb2.GetSchemaResponse(schema=schema_json())

    @answering
    async def CheckConfig(self, request: provider_pb2.CheckRequest, _context: Context) -> provider_pb2.CheckResponse:
        """Validate the provider's configuration; nothing from the environment is added to it."""
        try:
            news = decode(request.news)
        except InputError as error:
            return provider_pb2.CheckResponse(inputs=request.news, failures=status.problems(error.problems))
        self._checked.add(request.urn)
        options, problems = settings.read(news.props, self._environment)
        if not problems and options.endpoint is None and not options.offline and "endpoint" not in options.unknown:
            problems = [settings.MISSING_ENDPOINT]
        secret_names = news.secret_names | settings.SECRET_OPTIONS & news.props.keys()
        secrets = {name: news.props[name] for name in secret_names}
        inputs = marked(news.props, request.urn, self._environment)
        olds = decode(request.olds)
        before = moved_from(olds.props, options.endpoint)
        if before is not None:
            inputs = {**inputs, MOVED_FROM: before}
        was_secret = {MOVED_FROM} if olds.secret_names & {MOVED_FROM, "endpoint"} else set()
        return provider_pb2.CheckResponse(
            inputs=encode(inputs, secret_names | was_secret),
            failures=status.problems(
                # What is said of our own secret options quotes no value.
                (p if p.property in settings.SECRET_OPTIONS else shown(p, secrets) for p in problems),
                secret_names,
            ),
        )

    @answering
    async def DiffConfig(self, request: provider_pb2.DiffRequest, _context: Context) -> provider_pb2.DiffResponse:
        """Compare configurations; none of them replaces the provider, so no key is replaced by a new token."""
        changed = differing(decode(request.old_inputs or request.olds).props, decode(request.news).props)
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, diffs=changed)

    @answering
    async def Configure(
        self, request: provider_pb2.ConfigureRequest, _context: Context
    ) -> provider_pb2.ConfigureResponse:
        """Take the configuration; no token is fetched and no call is made yet."""
        remembered = decode(request.args).props
        inputs = effective_config(remembered, request.urn, self._environment)
        options, problems = settings.read(inputs, self._environment)
        if problems:
            raise InputError(problems)
        from_state = request.urn not in self._checked
        options = replace(
            options,
            moved_from=moved_from(remembered, options.endpoint),
            endpoint_remembered=from_state and only_remembered(remembered, request.urn, self._environment),
        )
        self._services = self._build(options)
        self._built.append(self._services)
        self.calls.accept()
        while self._services.notices:
            await self._log.warn(self._services.notices.pop(0))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @answering
    async def Check(self, request: provider_pb2.CheckRequest, _context: Context) -> provider_pb2.CheckResponse:
        """Validate a resource's inputs and fill in what is left out."""
        lifecycle = self._lifecycle(request.urn)
        try:
            news = read_inputs(request.urn, request.news)
        except InputError as error:
            return provider_pb2.CheckResponse(inputs=request.news, failures=status.problems(error.problems))
        olds = read_inputs(request.urn, request.olds)
        self._checked.add(request.urn)
        checked = lifecycle.check(check_request(request, news, olds, self._backend))
        return provider_pb2.CheckResponse(
            inputs=encode(checked.inputs, kept_secret(news, olds)),
            failures=status.problems(checked.problems, news.secret_names),
        )

    @answering
    async def Diff(self, request: provider_pb2.DiffRequest, _context: Context) -> provider_pb2.DiffResponse:
        """Compare a resource with what is wanted.

        The engine asks this after a refresh too, to show what that found. Only what the program brought to `Check`
        is what the user wants.
        """
        lifecycle = self._lifecycle(request.urn)
        state = read_state(request.urn, request.olds, lifecycle.secrets).props
        old_inputs, news = (read_inputs(request.urn, each).props for each in (request.old_inputs, request.news))
        refreshed = request.urn not in self._checked
        wanted = DiffRequest(request.id, state, old_inputs, news, refreshed, self._owner(request.urn))
        difference = await lifecycle.diff(wanted)
        for note in difference.notes:
            await self._log.inform(redact(note, request), request.urn)
        await self._warn(difference.warnings, request)
        return diff_response(difference)

    @answering
    async def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        """Make a resource, or show what is known before it is made."""
        lifecycle = self._lifecycle(request.urn, request.timeout)
        inputs = read_inputs(request.urn, request.properties, lifecycle.secrets)
        if request.preview:
            secret_names = secret_outputs(request.urn, inputs.secret_names)
            outputs = write_state(request.urn, await lifecycle.preview(inputs.props, None), secret_names)
            return provider_pb2.CreateResponse(properties=outputs)
        live = await self.calls.finish(lifecycle.create(inputs.props, self._owner(request.urn)), self._undo({}))
        answer = self._made(live, inputs, request, context)
        state = await self.calls.deliver(live, answer, self._undo({}))
        self._configured().delivered(live.state)
        return provider_pb2.CreateResponse(id=live.id, properties=state)

    @answering
    async def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """Look at a resource, for a refresh or an import; an empty answer means that it is gone."""
        lifecycle = self._lifecycle(request.urn, request.timeout)
        inputs = read_inputs(request.urn, request.inputs)
        state = read_state(request.urn, request.properties, lifecycle.secrets)
        result = await lifecycle.read(request.id, inputs.props, state.props, self._owner(request.urn))
        if isinstance(result, Gone):
            await self._log.inform(redact(result.reason, request), request.urn)
            await self._warn(result.warnings, request)
            return provider_pb2.ReadResponse()
        both = Decoded(inputs.props, inputs.secret_names | state.secret_names)
        properties = await self._made(result, both, request, context)
        return provider_pb2.ReadResponse(
            id=result.id,
            properties=properties,
            inputs=encode(result.inputs, inputs.secret_names),
        )

    @answering
    async def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        """Change a resource in place, or show what is known before it is changed."""
        lifecycle = self._lifecycle(request.urn, request.timeout)
        state = read_state(request.urn, request.olds, lifecycle.secrets)
        news = read_inputs(request.urn, request.news, lifecycle.secrets)
        both = Decoded(news.props, kept_secret(news, state))
        if request.preview:
            secret_names = secret_outputs(request.urn, both.secret_names)
            outputs = write_state(request.urn, await lifecycle.preview(news.props, state.props), secret_names)
            return provider_pb2.UpdateResponse(properties=outputs)
        live = await self.calls.finish(
            lifecycle.update(request.id, state.props, news.props, self._owner(request.urn)),
            self._undo(state.props),
        )
        answer = self._made(live, both, request, context)
        properties = await self.calls.deliver(live, answer, self._undo(state.props))
        self._configured().delivered(live.state)
        return provider_pb2.UpdateResponse(properties=properties)

    @answering
    async def Delete(self, request: provider_pb2.DeleteRequest, _context: Context) -> empty_pb2.Empty:
        """Revoke a resource's keys."""
        lifecycle = self._lifecycle(request.urn, request.timeout)
        state = read_state(request.urn, request.properties, lifecycle.secrets).props
        warnings = await self.calls.finish(lifecycle.delete(request.id, state, self._owner(request.urn)))
        await self._warn(warnings, request)
        return empty_pb2.Empty()

    @answering
    async def Invoke(self, request: provider_pb2.InvokeRequest, _context: Context) -> provider_pb2.InvokeResponse:
        """Answer a function. A result that follows from a secret is secret.

        Arguments that can't be used fail the call: of `failures`, SDKs tell the first alone and `pulumi do` none.
        """
        given = decode(request.args)
        found = (await self._function(request.tok).invoke(given.props, given.secret_names)).props()
        result = encode(found, frozenset(found) if given.secret_names else frozenset())
        return provider_pb2.InvokeResponse(**{"return": result})  # type: ignore[arg-type] # a name that Python keeps for itself

    @answering
    async def List(  # type: ignore[override] # the stubs know no servicer that writes its answers
        self, request: provider_pb2.ListRequest, context: Context
    ) -> None:
        """Tell which keys could be resources of a type, as a stream of answers."""
        from pulumi_resource_apikeys.functions.listing import PageRequest  # noqa: PLC0415 - no command of a stack asks for it

        self._known_type(request.token)
        query = decode(request.query)
        wanted = PageRequest(request.limit, request.page_size, request.continuation_token)
        page = await self._configured().resource_list().page(query.props, wanted, query.secret_names)
        for answer in list_responses(page):
            await context.write(answer)

    @answering
    async def Cancel(self, _request: empty_pb2.Empty, _context: Context) -> empty_pb2.Empty:
        """Begin nothing new; what is in flight finishes, so that no key is made that the state does not know.

        The engine says so at the end of each run too, once it has recorded all answers. It gives all plugins of a run
        five seconds together for their answers, so nothing is waited for here.
        """
        self._cancel(for_good=False)
        self.was_cancelled = True
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._last_words(), LAST_WORDS_WITHIN)
        return empty_pb2.Empty()

    async def _last_words(self) -> None:
        for services in self._built:
            for words in services.engine_ended_well():
                await self._log.warn(words)

    def cancel_for_good(self) -> None:
        """Begin no write and no wait any more, whatever engine comes."""
        self._cancel(for_good=True)

    def _cancel(self, *, for_good: bool) -> None:
        self.calls.refuse_new(for_good=for_good)
        if self._services is not None:
            self._services.interrupt()

    async def close(self) -> None:
        """Wait for what is in flight, then let go of connections."""
        await self.calls.drain()
        await self._close_services()
        await self._log.close()

    async def _close_services(self) -> None:
        while self._built:
            await self._built.pop().aclose()

    def _lifecycle(self, urn: str, timeout: float = 0.0) -> Lifecycle:
        """The lifecycle of a resource's type, for an operation that may take that many seconds; 0 for no limit."""
        token = type_of(urn)
        self._known_type(token)
        return self._configured().lifecycle(token, timeout)

    def _known_type(self, token: str) -> None:
        """Raise InputError for a resource type that there is not."""
        known = self._configured().lifecycles
        if token not in known:
            reason = f"there is no resource type {token}; there are {', '.join(sorted(known))}"
            raise InputError([Problem("", reason)])

    def _function(self, token: str) -> Function:
        try:
            return self._configured().function(token)
        except KeyError:
            reason = f"there is no function {token}; there are {', '.join(FUNCTIONS)}"
            raise InputError([Problem("", reason)]) from None

    def _owner(self, urn: str) -> Owner | None:
        return owner(urn, self._backend)

    def _configured(self) -> Services:
        if self._services is None:
            raise ApiKeysError("the provider was asked before it was configured")
        return self._services

    def _undo(self, before: Props) -> Callable[[Live], Awaitable[None]]:
        """What to do with a key that was made for an engine that is gone."""
        services = self._configured()
        return lambda live: services.undo(live.state, before)

    async def _warn(self, warnings: tuple[str, ...], request: AboutResource) -> None:
        for warning in warnings:
            await self._log.warn(redact(warning, request), request.urn)

    async def _made(self, live: Live, inputs: Decoded, request: AboutResource, context: Context) -> struct_pb2.Struct:
        """The outputs for the engine; if something failed after all, the call fails and the engine keeps them."""
        await self._warn(live.warnings, request)
        for note in live.notes:
            await self._log.inform(redact(note, request), request.urn)
        state = write_state(request.urn, live.state, secret_outputs(request.urn, inputs.secret_names))
        if live.partial_failures:
            failed = provider_pb2.ErrorResourceInitFailed(
                id=live.id,
                properties=state,
                inputs=encode(live.inputs, inputs.secret_names),
                reasons=[status.message_of(redact(failure, request)) for failure in live.partial_failures],
            )
            self._configured().delivered(live.state)
            saved = status.partial(failed, read=isinstance(request, provider_pb2.ReadRequest))
            if saved is not None or status.same_key(state, request):
                await context.abort(grpc.StatusCode.UNKNOWN, *(saved or (status.joined(failed.reasons),)))
            await self._log.fail(f"{status.joined(failed.reasons)}. {status.TOO_LARGE}", request.urn)
        return state
