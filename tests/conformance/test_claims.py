"""What a node claims is what it claims now, and nothing that it had in hand before."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.conformance.shop import Shop

HELLO = 'when no_order_within 60d check every 1d -> sms "Hello" ttl 2d -> end'


class Failure(BaseException):
    """What the database does: it fails in the middle."""


def test_what_a_node_could_not_write_down_is_not_sent_again_while_its_clock_stands_still(shop: Shop) -> None:
    """The database fails as the first message is settled; the same node goes on in the same millisecond."""
    for key in "ab":
        shop.contact(key)
    shop.publish(HELLO)
    node = shop.new_node(batch=1)

    def fail(*arguments: Any) -> None:
        if arguments[2].startswith(("INSERT INTO settled", "COPY settled")):
            raise Failure

    sa.event.listen(shop.engine, "before_cursor_execute", fail)
    with pytest.raises(Failure):
        node.run_due()
    sa.event.remove(shop.engine, "before_cursor_execute", fail)
    node.run_due()
    assert sorted(out.contact for out in shop.sms.accepted) == sorted(str(shop.id(key)) for key in "ab")
