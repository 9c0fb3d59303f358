"""The plugin keeps the rules that Conductor has for providers and steps, and its example plays."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import conductor_push
import pytest
from click.testing import CliRunner
from conductor_push.provider import Provider, build_provider

from conductor_dsl.api import ChannelProvider, ConfigError, Mark, Outgoing, Verdict
from conductor_dsl.cli import main
from conductor_dsl.testing.provider_suite import ProviderSuite, outgoing
from conductor_dsl.testing.step_suite import StepSuite

sys.path.append(str(Path(__file__).parent))
from service import Taken, service  # it lies beside this file

TOKEN = "a-token-of-the-tests"
SHOP = Path(__file__).parents[1] / "shop"


class TestProvider(ProviderSuite):
    """Every rule, against the service of the tests."""

    channel = "push"
    large_batch = 300
    is_shared = True
    secrets = (TOKEN,)

    @pytest.fixture(autouse=True)
    def _service(self) -> Iterator[None]:
        self.taken: Taken = {}
        with service(self.taken, TOKEN) as url:
            self.url = url
            yield

    def provider(self, folder: Path) -> ChannelProvider:
        return Provider(self.url, TOKEN)

    def out_of_reach(self, folder: Path) -> ChannelProvider:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        return Provider(f"http://127.0.0.1:{port}", TOKEN)

    def stored_text(self, folder: Path, key: str) -> str:
        return str(self.taken[key]["text"])

    def test_a_device_that_is_no_more_is_marked(self) -> None:
        (receipt,) = Provider(self.url, TOKEN).send([push("gone-1")])
        assert (receipt.verdict, receipt.mark) == (Verdict.REJECTED, Mark.INVALID)

    def test_a_wrong_token_keeps_messages_back(self) -> None:
        (receipt,) = Provider(self.url, "another").send([push("device-1")])
        assert receipt.verdict is Verdict.TRANSIENT
        assert receipt.retry_after > 0

    def test_what_there_is_no_time_for_goes_back(self) -> None:
        ticks = iter([0.0, 1.0, 99.0])
        batch = [push("device-1", 1), push("device-2", 2)]
        receipts = Provider(self.url, TOKEN, lambda: next(ticks)).send(batch)
        assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED, Verdict.TRANSIENT]


class TestStep(StepSuite):
    """Every rule for steps."""

    declarations = "field push_token text field other text"
    examples = ('push "Hello" to other ttl 2h on_failed { wait 1h -> end } as "First"',)

    def plugin(self) -> object:
        return conductor_push


@pytest.mark.parametrize("options", [{}, {"url": "https://push.example"}, {"url": "push", "token": "x"}, {"user": "x"}])
def test_settings_that_make_no_sense_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        build_provider(options)


def test_the_example_checks_and_its_tests_pass_without_the_service() -> None:
    for command in ("check", "test"):
        done = CliRunner().invoke(main, [command, str(SHOP)])
        assert done.exit_code == 0, done.output


def push(to: str, number: int = 1) -> Outgoing:
    """A message to a device."""
    return outgoing(number, "push")._replace(to=to)
