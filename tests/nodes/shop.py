"""The shop of the stories: a project that real nodes serve, its people, and a record of who holds which message."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from conductor_dsl.shared.clock import SystemClock
from conductor_dsl.store.connect import connect
from tests.cli.serving import make_project
from tests.crash.world import bring_people

SETTINGS = """
[brand]
name = "Shop"
[lists]
sms = "texts"
email = "letters"
[codes."34567"]
classes = ["transactional"]
[email]
provider = "witness"
log = "{log}"
seed = "{seed}"
from = "Shop <hello@shop.example>"
reply_to = "care@shop.example"
[sms]
provider = "witness"
log = "{log}"
seed = "{seed}"
[engine]
batch = {batch}
"""
SCRIPT = """
event cart.left { }
conversation "Winback" {
  class transactional
  timezone contact else "America/New_York"
  reentry after 1d
  exit on order.placed
  thread "Lapsed" when no_order_within 60d check every 1d {
    sms "{{ first_name | default: 'friend' }}, Shop misses you. Reply STOP to opt out."
      from code:"34567" list list:"sms" on_invalid pass as "Text"
    -> wait WAIT
    -> email subject "We miss you" body "Come back, {{ first_name | default: 'friend' }}" as "Letter"
    -> end
  }
  thread "Left" on cart.left {
    sms "Shop: you left something. Reply STOP to opt out."
      from code:"34567" list list:"sms" on_invalid pass as "Left text"
    -> wait for cart.left up to WAIT
    -> email subject "Your cart" body "It is here" as "Left letter"
    -> end
  }
}
conversation "Thanks" {
  class transactional
  reentry always
  thread "Bought" on order.placed {
    sms "Shop: thank you. Reply STOP to opt out." from code:"34567" list list:"sms" on_invalid pass as "Thanks"
    -> email subject "Thank you" body "It is on its way" as "Thanks letter"
    -> end
  }
}
"""
RECORD = """
CREATE TABLE hold_record (
  at bigint, contact_id bigint, conversation_id bigint, entry_no int, step int, visit int,
  before_node text, before_until bigint, before_state text, node text, until bigint
);
CREATE FUNCTION record_holds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO hold_record
  SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
         n.contact_id, n.conversation_id, n.entry_no, n.step, n.visit,
         o.claimed_by, o.lease_until, o.state, n.claimed_by, n.lease_until
  FROM new_rows n JOIN old_rows o USING (contact_id, conversation_id, entry_no, step, visit)
  WHERE (n.claimed_by, n.lease_until) IS DISTINCT FROM (o.claimed_by, o.lease_until);
  RETURN NULL;
END $$;
CREATE FUNCTION record_born() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO hold_record
  SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
         contact_id, conversation_id, entry_no, step, visit, NULL, NULL, NULL, claimed_by, lease_until
  FROM new_rows WHERE claimed_by IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER hold_record AFTER UPDATE ON intent REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION record_holds();
CREATE TRIGGER born_record AFTER INSERT ON intent REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION record_born();
"""
"""Who holds a message until when, from its writing on: told by the database, in the transaction that changes it."""


def build(folder: Path, url: str, contacts: int, *, seed: int, batch: int, wait: str) -> Path:
    """The project, and a database with people and the record; returns the project's folder."""
    settings = SETTINGS.format(log=folder / "provider.log", seed=seed, batch=batch)
    shop = make_project(folder / "shop", {"shop.cdx": SCRIPT.replace("WAIT", wait)}, settings)
    engine = connect(url)
    with engine.begin() as connection:
        bring_people(connection, contacts, SystemClock().now())
        connection.execute(sa.text(RECORD))
    engine.dispose()
    return shop
