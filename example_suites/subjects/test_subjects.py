"""A tiny application that writes the subject lines of mails, tested in Python with `llm` and `llm_score`.

`pytest --llm-budget example_suites/subjects` asks the model and judges the run against the
baseline beside this file. Without the flag, recorded answers are replayed; with none, the tests are skipped.
"""

from __future__ import annotations

import asyncio

import pytest

MODEL = "local/smollm2-135m"
PARAMS = {"temperature": 0, "max_tokens": 16, "stop": ["\n"], "seed": 7}
LONGEST = 60
"""Characters that a list of mails shows of a subject."""

MAILS = {
    "lift": ("The lift has stopped between two floors again. Could somebody come before the weekend?", "lift"),
    "keys": ("I left a bunch of keys with a green tag on your counter this morning. Have you found it?", "keys"),
    "cake": ("Who bakes a cake for the summer fair? We still need three, one of them without nuts.", "cake"),
    "printer": ("The printer on the second floor prints every page twice, and nobody knows why.", "printer"),
    "holiday": ("I'd like to take my holiday from 4 to 15 August. Marta has agreed to stand in for me.", "holiday"),
    "leak": ("There's a leak under the kitchen sink, and the bucket is full every three hours.", "leak sink"),
    "violin": ("Is the violin from your advertisement still for sale? I could fetch it on Sunday.", "violin"),
    "train": ("My train was cancelled, so I'll be an hour late. Please start the meeting without me.", "train late"),
    "passport": ("You asked for a copy of my passport. It's attached, both sides.", "passport"),
    "dog": ("Our dog has to stay at the vet's overnight. Can you feed the cats this evening?", "dog cats vet"),
    "contract": ("Please sign the contract on page 7 and send it back by Wednesday.", "contract"),
    "library": ("The library will be shut from Monday because the floor is being replaced.", "library"),
    "hike": ("The hike on Saturday starts at the mill, not at the church. Take water with you.", "hike"),
    "wifi": ("Since the storm the wifi in our flat drops every few minutes. Can you check the line?", "wifi wi-fi"),
    "salary": ("My salary for March hasn't arrived yet. Could you see whether something went wrong?", "salary"),
    "piano": ("The piano tuner can come on the ninth or on the eleventh. Which day suits you?", "piano"),
    "bees": ("A swarm of bees hangs in our pear tree. Do you know a beekeeper who would take it?", "bees"),
    "exam": ("The exam has been moved to room 204 and begins at half past nine.", "exam"),
    "bike": ("Somebody has taken my bike from the yard. It's blue, with a basket in front.", "bike"),
    "budget": ("We have spent 80 per cent of the budget, and it's only June. Can we talk?", "budget"),
    "photo": ("Here are the photos from the wedding. The one with the swans is my favourite.", "photo wedding"),
    "choir": (
        "The choir needs two more tenors for the winter concert. No audition, just come and sing.",
        "choir tenor",
    ),
    "heating": ("The heating has been off since last night, and the baby is cold. Please send somebody.", "heating"),
    "translation": ("Could you finish the translation a day earlier? The printer moved our slot.", "translation"),
    "parking": ("A white van stands on my parking space every evening. Could you speak to the owner?", "parking van"),
    "vaccine": ("Your second vaccine dose is due. Please choose a morning in the week of the 20th.", "vaccine"),
    "server": ("The server will restart at midnight. Save your work before you leave.", "server"),
    "glasses": ("Did I leave my reading glasses at yours? They're brown and very scratched.", "glasses"),
    "invitation": (
        "We're getting married on 2 September and would love to have you there.",
        "married marriage wedding",
    ),
    "refund": ("The concert was cancelled in May, and I'm still waiting for the refund.", "refund"),
    "garden": ("Would you water our garden while we're away? The hose is behind the shed.", "garden water"),
    "minutes": ("I've attached the minutes of Thursday's meeting. Please tell me if I've missed anything.", "minutes"),
    "noise": ("The noise from the building site starts at six. Is that allowed?", "noise"),
    "recipe": ("Grandma found the recipe for the plum dumplings. It was in her hymn book.", "recipe"),
    "visa": ("For the visa we need two photos and a letter from your employer.", "visa"),
    "football": ("Football is off this week, as half of the team has the flu.", "football"),
    "mouse": ("There's a mouse in the archive. It has eaten the corner of the 1974 folder.", "mouse"),
    "address": ("I've moved. My new address is 14 Harbour Street, from the first of May.", "address"),
    "alarm": ("The fire alarm will be tested on Friday at ten. There's no need to leave the building.", "alarm"),
    "tax": ("The tax office wants to see the receipts for 2022. Do we still have them?", "tax receipts"),
    "boots": ("The boots you repaired are leaking again at the same seam.", "boots"),
    "lesson": ("I can't come to my guitar lesson tomorrow, I've cut my finger.", "lesson guitar"),
    "tickets": ("I've got two tickets for the opera on Tuesday and nobody to go with. Are you free?", "tickets opera"),
    "bill": ("The gas bill is twice as high as last winter. Can the meter be wrong?", "bill"),
    "report": ("The report is nearly done. Only the chart on sales is missing.", "report"),
    "snow": ("Because of the snow the school stays closed today and tomorrow.", "snow school"),
    "battery": ("The battery of the hearing aid lasts for two days only. Is that normal?", "battery"),
    "roof": ("Two tiles have come off the roof and lie in the neighbour's pond.", "roof tiles"),
    "interview": ("Thank you for the interview on Monday. I'd be glad to join your team.", "interview"),
    "blood": ("The blood donors' bus is in the market square on the 12th, from two to seven.", "blood"),
    "crate": ("One crate of apples was missing from today's delivery. The driver knows about it.", "crate apples"),
    "password": ("Nobody can open the shared folder since you changed the password.", "password folder"),
    "museum": ("The museum offers a tour in sign language, on the last Sunday of the month.", "museum tour"),
    "stairs": ("A lamp on the stairs has gone out. My mother nearly fell.", "stairs lamp"),
    "flowers": ("Please send the flowers to the back door of the hospital. The front is closed.", "flowers"),
    "survey": ("Only nine of forty have filled in the survey. Please remind your people.", "survey"),
    "ferry": ("The ferry takes no cars until the ramp is mended. Foot passengers can cross.", "ferry"),
    "jam": ("The jam jars are ready to be collected. There are 24 of them, all labelled.", "jam"),
    "chess": ("Our chess evening moves to the café because the hall is let.", "chess"),
    "thanks": ("Thank you for looking after my mother so kindly while she was on your ward.", "thank"),
}
"""A mail's name: its text, and words of which one has to stand in the subject."""


def question(mail: str) -> str:
    """Return what the application asks the model about a mail."""
    return f"Write a short subject line for this mail:\n\n{mail}"


def subject_in(reply: str) -> str:
    """Return the subject in the model's reply, without what it likes to put around it."""
    return reply.strip().removeprefix("Subject:").strip(' "')


@pytest.mark.llm_budget(tokens=150, seconds=30)
@pytest.mark.parametrize("name", MAILS)
def test_the_subject_is_short_and_names_the_matter(llm, llm_score, name):
    mail, words = MAILS[name]
    subject = subject_in(llm.complete(question(mail), model=MODEL, **PARAMS).text)
    llm_score(len(subject) <= LONGEST and any(word in subject.lower() for word in words.split()))


@pytest.mark.llm_budget(tokens=1_000)
def test_a_whole_inbox_is_asked_at_once(llm):
    async def subjects() -> list[str]:
        inbox = [mail for mail, _ in MAILS.values()][:5]
        replies = await asyncio.gather(*(llm.acomplete(question(mail), model=MODEL, **PARAMS) for mail in inbox))
        return [subject_in(reply.text) for reply in replies]

    assert all(asyncio.run(subjects()))
    assert llm.spent.calls == 5
