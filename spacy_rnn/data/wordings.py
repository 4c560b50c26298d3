"""Messages about appointments, in three styles, each said in several ways.

{who} is the person with whom the appointment is, " with Dr. Lind", and {where} the place, " at the
River clinic"; both may be nothing. Behind it stands what is said besides.
"""

from typing import Dict, Tuple

Ways = Tuple[str, ...]

ACTS: Dict[str, Dict[str, Ways]] = {
    "formal": {
        "confirm": (
            "Dear {name}, your appointment{who} on {day} at {time}{where} has been confirmed.",
            "Dear {name}, we have booked an appointment{who} for you on {day} at {time}{where}.",
            "Dear {name}, we are pleased to expect you on {day} at {time}{where} for your "
            "appointment{who}.",
        ),
        "move": (
            "Dear {name}, your appointment{who} on {old} has been postponed to {day} at "
            "{time}{where}.",
            "Dear {name}, we regret that {old} is no longer possible and offer you an "
            "appointment{who} on {day} at {time}{where}.",
            "Dear {name}, please note that your appointment{who} is now on {day} at {time}{where}, "
            "and no longer on {old}.",
        ),
        "cancel": (
            "Dear {name}, we regret that your appointment{who} on {day} at {time}{where} cannot "
            "take place.",
            "Dear {name}, unfortunately we had to withdraw your appointment{who} on {day} at "
            "{time}{where}.",
            "Dear {name}, your appointment{who}, arranged for {day} at {time}{where}, has had to "
            "be cancelled.",
        ),
        "remind": (
            "Dear {name}, may we draw your attention to your appointment{who} on {day} at "
            "{time}{where}.",
            "Dear {name}, this is a reminder of your appointment{who} on {day} at {time}{where}.",
            "Dear {name}, kindly remember your appointment{who}, which is on {day} at "
            "{time}{where}.",
        ),
    },
    "friendly": {
        "confirm": (
            "Hi {name}, good news: you are booked in{who} for {day} at {time}{where}!",
            "Hello {name}, {day} at {time} is fine{where}, see you then{who}!",
            "Hi {name}, all set! You have a slot{who} on {day} at {time}{where}.",
        ),
        "move": (
            "Hi {name}, sorry, {old} does not work for us after all. How about {day} at "
            "{time}{where}{who}?",
            "Hello {name}, small change: not {old}, but {day} at {time}{where}{who}.",
            "Hi {name}, we had to shift things a little: from {old} to {day} at "
            "{time}{where}{who}.",
        ),
        "cancel": (
            "Hi {name}, we are so sorry, but {day} at {time}{where}{who} is off.",
            "Hello {name}, bad news: your slot{who} on {day} at {time}{where} has fallen through.",
            "Hi {name}, sadly we cannot see you on {day} at {time}{where}{who}.",
        ),
        "remind": (
            "Hi {name}, just a nudge: we meet{who} on {day} at {time}{where}.",
            "Hello {name}, do not forget {day} at {time}{where}{who}!",
            "Hi {name}, looking forward to {day} at {time}{where}{who}!",
        ),
    },
    "brief": {
        "confirm": (
            "{name}: {day}, {time}{who}{where}, booked.",
            "Booked for {name}: {day}, {time}{who}{where}.",
        ),
        "move": (
            "{name}: {day}, {time}{who}{where}, instead of {old}.",
            "New for {name}: {day}, {time}{who}{where}, not {old}.",
        ),
        "cancel": (
            "{name}: {day}, {time}{who}{where}, called off.",
            "Off for {name}: {day}, {time}{who}{where}.",
        ),
        "remind": (
            "{name}: {day}, {time}{who}{where}, see you.",
            "Coming up for {name}: {day}, {time}{who}{where}.",
        ),
    },
}
NOTES: Dict[str, Dict[str, Ways]] = {
    "formal": {
        "papers": ("Kindly have your documents ready.", "We ask you to bring all documents."),
        "early": ("Please arrive ten minutes before.", "We ask you to come ten minutes ahead."),
        "meal": ("Please do not eat anything beforehand.", "We ask you to come without breakfast."),
        "car": ("You may park behind the house.", "A parking space is reserved for you."),
        "ask": ("Please call us for another date.", "We ask you to call us for a new date."),
        "wait": ("We will write to you shortly.", "You will hear from us within a week."),
    },
    "friendly": {
        "papers": ("Do bring your documents along!", "And your documents, if you can!"),
        "early": ("Pop in ten minutes before, please!", "Ten minutes ahead would be great!"),
        "meal": ("No breakfast this time, sorry!", "Come hungry: no food beforehand!"),
        "car": ("There is room to park behind the house!", "We keep a parking space free!"),
        "ask": ("Give us a ring for a new date!", "Call us and we find another date!"),
        "wait": ("We will be in touch soon!", "You will hear from us very soon!"),
    },
    "brief": {
        "papers": ("Bring documents.",),
        "early": ("Ten minutes before.",),
        "meal": ("No food.",),
        "car": ("Park behind the house.",),
        "ask": ("Call us.",),
        "wait": ("More soon.",),
    },
}
# What may be said besides; of what is cancelled something else than of the others
BESIDES = {"cancel": ("ask", "wait"), "": ("papers", "early", "meal", "car")}
