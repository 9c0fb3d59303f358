"""Make the generated part of the corpus: texts from templates, with cases, typos, courtesies and emoji.

The templates were written without looking at the classifier's data, and by the same people; so what they measure is
how well it holds under variation, not how people really write. `python -m tests.replies.make_corpus` writes the file
anew; it is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

HERE = Path(__file__).parent
EACH = 2_000
_STEP = 7_919
"""A prime, by which the combinations are walked through, so that the first ones are not all alike."""

REVOKING = (
    (
        ("stop", "quit", "please stop", "pls stop", "can you stop", "I want you to stop"),
        ("texting me", "sending me texts", "messaging me", "sending these messages", "contacting me", "spamming me"),
        ("", "now", "please", "immediately", "I mean it", "this is the last time I ask"),
    ),
    (
        ("take", "please take", "get", "I want you to take"),
        ("me", "my number", "this number", "us"),
        ("off your list", "off this list", "off the list", "off your texting list"),
    ),
    (
        ("remove", "please remove", "delete", "pls remove", "kindly remove"),
        ("me", "my number", "this number", "my phone"),
        ("from your list", "from this list", "from your system", "from your database", ""),
    ),
    (
        ("don't", "do not", "never", "please don't", "dont"),
        ("text", "message", "contact", "write to"),
        ("me", "this number"),
        ("", "again", "anymore", "ever again"),
    ),
    (
        ("I don't want", "I do not want", "we don't want", "I dont want", "I no longer want"),
        ("these texts", "your messages", "any more texts", "to receive these messages", "to get texts from you"),
        ("", "anymore", "ok?"),
    ),
    (
        ("STOP", "stop", "Stop", "unsubscribe", "Unsubscribe", "cancel", "QUIT", "end", "opt out", "revoke"),
        ("", "please", "now", "thanks", "!!!", ".", "pls", "thank you", "🛑", "🙏", " ?"),
    ),
    (
        ("I want to", "I'd like to", "how do I", "please let me", "trying to", "I need to"),
        (
            "unsubscribe",
            "opt out",
            "opt out of these texts",
            "unsubscribe from this list",
            "stop these messages",
            "stop getting texts",
        ),
    ),
    (
        (
            "stpo",
            "sotp",
            "tsop",
            "stopp",
            "unsubscrbe",
            "unsubscirbe",
            "unsubsribe",
            "unsubcribe",
            "cancell",
            "canel",
            "quitt",
            "stoppp",
        ),
        ("", "!", "please", "now"),
    ),
    (
        ("no quiero", "ya no quiero", "no deseo"),
        ("más mensajes", "recibir mensajes", "recibir sus textos", "más sms"),
        ("", "por favor", "gracias", "ya"),
    ),
    (
        ("dejen de", "deja de", "paren de", "por favor dejen de"),
        ("mandarme mensajes", "enviarme textos", "escribirme", "molestar"),
        ("", "ya", "gracias"),
    ),
    (
        ("no me", "ya no me", "por favor no me"),
        ("manden", "envíen", "escriban", "contacten"),
        ("más", "más mensajes", "nunca más"),
    ),
    (
        ("quítenme", "sáquenme", "bórrenme", "elimínenme", "por favor quítenme"),
        ("de su lista", "de la lista", "de esta lista", "de aquí"),
    ),
    (("alto", "baja", "parar", "cancelar", "ALTO", "BAJA", "Basta"), ("", "por favor", "ya", "ahora", "gracias", "!")),
    (
        ("je ne veux plus", "je ne souhaite plus", "nous ne voulons plus"),
        ("recevoir", "recevoir de", "de"),
        ("vos sms", "messages", "vos messages", "textos"),
        ("", "merci", "svp"),
    ),
    (
        ("arrêtez de", "cessez de", "merci d'arrêter de", "svp arrêtez de"),
        ("m'envoyer des sms", "m'écrire", "me contacter", "m'envoyer des messages"),
        ("", "svp", "maintenant"),
    ),
    (
        ("désabonnez-moi", "désinscrivez-moi", "retirez-moi", "supprimez-moi", "enlevez-moi"),
        ("", "de votre liste", "de cette liste"),
        ("", "svp", "merci", "s'il vous plaît"),
    ),
    (
        ("ne m'envoyez plus", "ne me contactez plus", "ne m'écrivez plus"),
        ("", "de sms", "jamais", "svp"),
        ("", "merci"),
    ),
    (
        ("je veux", "je voudrais", "je souhaite"),
        ("me désabonner", "me désinscrire", "arrêter les sms", "résilier"),
        ("", "svp", "merci"),
    ),
    (("arrêt", "ARRET", "désabonner", "Stop", "arrêter"), ("", "svp", "merci", "!", "maintenant")),
)
ORDINARY = (
    (
        ("can I", "could I", "how do I", "I want to", "please let me"),
        ("return", "exchange", "cancel", "change", "track"),
        ("my order", "an order", "the order from monday"),
    ),
    (
        ("when does", "does", "what time does"),
        ("the sale", "the promotion", "this offer", "the discount"),
        ("end", "start", "end today", "end?"),
    ),
    (
        ("I'll", "we will", "can I", "I might"),
        ("stop by", "come by", "stop in", "drop by"),
        ("at 5", "tomorrow", "the store later", "this weekend", "on friday"),
    ),
    (
        ("I can't", "I cannot", "we can't", "my kids can't"),
        ("stop"),
        ("smiling", "wearing them", "eating these", "looking at it", "talking about it"),
    ),
    (
        ("do you have", "is there", "are you getting"),
        ("this", "the blue one", "the jacket", "these shoes"),
        ("in size 8", "in stock", "in red", "in medium", "at the store"),
    ),
    (
        ("where is", "when will I get", "I haven't received", "I didn't get"),
        ("my package", "my order", "my code", "the coupon", "my refund"),
        ("", "yet", "please help"),
    ),
    (
        ("thanks", "thank you", "great", "awesome", "love it", "perfect", "ok"),
        ("", "!", "so much", "see you soon", "❤️", "for the code", "will order tomorrow"),
    ),
    (
        ("what is", "tell me", "send me"),
        ("the price", "your address", "the link", "the code", "the size chart"),
        ("", "please", "again"),
    ),
    (
        ("the zipper", "the app", "my watch", "the code", "your site"),
        ("stopped working", "does not work", "is broken", "quit working"),
        ("", "today", "after a week", "help"),
    ),
    (
        ("I got", "you sent", "they sent me"),
        ("the wrong size", "the wrong color", "the wrong item", "two instead of one"),
        ("", "again", "what now?"),
    ),
    (
        ("I don't want", "I do not need", "we don't want"),
        ("the red one", "to miss the sale", "a bag", "to wait", "the large"),
        ("", "but the blue one", "thanks"),
    ),
    (
        ("please leave", "leave", "can you leave"),
        ("it", "the package", "the box"),
        ("at the door", "with my neighbor", "on the porch"),
    ),
    (
        ("yes", "yes please", "no", "no thanks", "maybe", "ok", "sure"),
        ("", "!", "tomorrow", "monday", "👍", "the blue one"),
    ),
    (
        ("next stop", "bus stop", "the last stop", "a pit stop"),
        ("is", "on", "near"),
        ("main street", "your store", "the mall"),
    ),
    (
        ("by the", "until the", "at the"),
        ("end of the month", "end of the week", "end of the day", "end of may"),
        ("", "is fine", "please"),
    ),
    (("how many texts", "how often"), ("do you send", "will I get", "do I get"), ("", "a month", "per week")),
    (
        ("quiero", "puedo", "me gustaría", "cómo puedo"),
        ("cambiar la talla", "cancelar mi pedido", "devolver los zapatos", "pagar con tarjeta"),
        ("", "por favor", "hoy", "gracias"),
    ),
    (
        ("es para", "lo quiero para", "para"),
        ("mi mamá", "mi hija", "el fin de semana", "un regalo", "mañana"),
        ("", "gracias", "por favor"),
    ),
    (
        ("no he recibido", "no me llegó", "no recibí", "dónde está"),
        ("mi pedido", "el código", "mi paquete"),
        ("", "todavía", "ayuda"),
    ),
    (
        ("tienen", "hay", "cuánto cuesta"),
        ("más colores", "la talla m", "este vestido", "el envío"),
        ("", "hoy", "por favor"),
    ),
    (
        ("je n'ai pas reçu", "où est", "quand arrive", "je voudrais annuler"),
        ("ma commande", "mon colis", "le code"),
        ("", "svp", "merci"),
    ),
    (
        ("avez-vous", "je cherche", "c'est combien"),
        ("cette robe", "la taille m", "le bleu", "la livraison"),
        ("", "svp", "en magasin"),
    ),
    (("c'est pour", "à", "jusqu'à"), ("la fin du mois", "la fin de la semaine", "demain"), ("", "merci", "svp")),
    (
        ("the", "my", "your"),
        ("shop", "order", "top", "step", "post", "spot", "quilt", "store"),
        ("is great", "is here", "is late", "looks nice"),
    ),
)
CASES = (str, str.lower, str.upper, str.capitalize)


def generated(templates: Sequence[Sequence[Sequence[str] | str]], count: int, known: set[str]) -> Iterator[str]:
    """`count` texts that are not known yet, of every template in turn, in four cases."""
    texts = [
        [
            " ".join(" ".join(parts).split())
            for parts in product(*((part,) if isinstance(part, str) else part for part in each))
        ]
        for each in templates
    ]
    turn = 0
    while count:
        own = texts[turn % len(texts)]
        number = turn // len(texts)
        if number < len(own) * len(CASES):
            text = CASES[number // len(own)](own[number * _STEP % len(own)])
            if text not in known:
                known.add(text)
                count -= 1
                yield text
        turn += 1


def written(name: str) -> list[str]:
    """The texts of a file that people wrote, one in a line."""
    return list(dict.fromkeys(line for line in (HERE / name).read_text("utf-8").splitlines() if line))


def lines() -> Iterator[str]:
    """Label, origin and text of every text, parted by tabs."""
    for label, name, templates in (("stop", "revocations", REVOKING), ("other", "others", ORDINARY)):
        own = written(f"written_{name}.txt")
        yield from (f"{label}\twritten\t{text}" for text in own)
        yield from (f"{label}\tgenerated\t{text}" for text in generated(templates, EACH - len(own), set(own)))


if __name__ == "__main__":
    (HERE / "corpus.tsv").write_text("\n".join(lines()) + "\n", "utf-8")
