"""Phrases that say nothing to a model, or little at length, each with what may stand in its place."""

from __future__ import annotations

POLITE, WORDY, EMPHATIC, VAGUE, ROLE = "politeness", "wordy", "emphasis", "vague", "role"

PHRASES: tuple[tuple[str, str, str], ...] = (
    # What is said to people. A model does what follows.
    (POLITE, "(could|can|would|will) you (please |kindly )?(?=[a-z]+ (me|us|the|a|an|this|these|it|my|our)\\b)", ""),
    (POLITE, "i( woul|')d (really )?(like|love|appreciate it if) you (to|could) ", ""),
    (POLITE, "i (want|need) you to ", ""),
    (POLITE, "(your|the) (task|job|goal) is to ", ""),
    (POLITE, "you (are|have been) (asked|tasked|instructed|required) (to|with) ", ""),
    (POLITE, "please( kindly)?,? ", ""),
    (POLITE, "kindly ", ""),
    (POLITE, ",? please(?=[.!?])", ""),
    (POLITE, "thank you( so much| very much)?( in advance)?( for your (help|time|assistance))?[.!]", ""),
    (POLITE, "thanks( in advance)?( for your (help|time|assistance))?[.!]", ""),
    # A verb made a noun, and what a verb can say alone.
    (WORDY, "(provide|give|write|perform|conduct|do|carry out) (me |us )?(with )?a ({size})?analysis of", "analyze"),
    (WORDY, "(provide|give|write) (me |us )?(with )?a ({size})?summary of", "summarize"),
    (WORDY, "(provide|give|write) (me |us )?(with )?an? ({size})?(explanation|description) of", "explain"),
    (WORDY, "(provide|give|make|create|write) (me |us )?(with )?a ({size})?list of( all)?", "list"),
    (WORDY, "(make|take) a decision (about|on)", "decide"),
    (WORDY, "make use of", "use"),
    (WORDY, "take into (account|consideration)", "consider"),
    (WORDY, "utili[sz]e", "use"),
    (WORDY, "utili[sz]ing", "using"),
    # Long ways to say if, to, because.
    (WORDY, "in order to", "to"),
    (WORDY, "so as to", "to"),
    (WORDY, "for the purposes? of", "for"),
    (WORDY, "due to the fact that", "because"),
    (WORDY, "in light of the fact that", "because"),
    (WORDY, "(in spite of|despite) the fact that", "although"),
    (WORDY, "in the event that", "if"),
    (WORDY, "in (all )?cases where", "if"),
    (WORDY, "with (regards?|respect) to", "about"),
    (WORDY, "in (regards?|relation) to", "about"),
    (WORDY, "at (this|the present) (point in time|moment)", "now"),
    (WORDY, "prior to", "before"),
    (WORDY, "subsequent to", "after"),
    (WORDY, "until such time as", "until"),
    (WORDY, "whether or not", "whether"),
    (WORDY, "(is|are) able to", "can"),
    (WORDY, "the (vast )?majority of", "most"),
    (WORDY, "a (large|wide|great|huge) (number|variety|range|amount) of", "many"),
    (WORDY, "each and every", "every"),
    (WORDY, "first and foremost,?", "first"),
    # A frame around an instruction. The instruction stands without it.
    (EMPHATIC, "it is (very |extremely |absolutely )?(important|essential|crucial|critical|vital) (that you|to) ", ""),
    (EMPHATIC, "(make|be) (absolutely )?sure (that you|you|to) ", ""),
    (EMPHATIC, "ensure that you ", ""),
    (EMPHATIC, "(do not|don't|never) forget to ", ""),
    (EMPHATIC, "(please )?(note|be aware|keep in mind|bear in mind|remember) that ", ""),
    (EMPHATIC, "(very|really|extremely|absolutely|incredibly) (?=[a-z]+)", ""),
    (EMPHATIC, "at all times(?=[.,;!])", ""),
    # What no reader could check.
    (VAGUE, "(be|try to be) (as )?{care}((,| and|, and) {care})*( as (you can|possible))?( {scope})?[.!]", ""),
    (VAGUE, "(carefully|thoroughly|diligently) (?=[a-z]+)", ""),
    (VAGUE, ",? to the best of your (ability|abilities|knowledge)", ""),
    (VAGUE, "take a deep breath( and [a-z ]{1,60})?[.!]", ""),
    (VAGUE, "take your time( and [a-z ]{1,60})?[.!]", ""),
    (VAGUE, "do your best( to [a-z ]{1,60})?[.!]", ""),
    # Who the model is told to be, where that tells nothing of the task.
    (
        ROLE,
        "you are a (very )?{kind}(,? (and )?{kind})* (ai )?assistant[.!]",
        "",
    ),
    (ROLE, "as an ai( language)? model, ", ""),
    (ROLE, "(highly|very) (skilled|experienced|qualified|knowledgeable|capable|intelligent) ", ""),
    (ROLE, "(world-class|world-renowned|state-of-the-art|cutting-edge) ", ""),
)
"""Kind, pattern in lower case, and what may stand instead; a blank in a pattern is any white space."""

PARTS = {
    "size": "(very )?(comprehensive|complete|full|detailed|thorough|in-depth|extensive)"
    "(,? (and )?(comprehensive|complete|detailed|thorough|in-depth|extensive))? ",
    "care": "(thorough|detailed|comprehensive|accurate|precise|careful|helpful|specific|exhaustive)",
    "kind": "(helpful|friendly|harmless|honest|polite|knowledgeable|professional)",
    "scope": "(in|with) your (response|answer|analysis|reply)",
}
"""What several patterns share, by the name that stands for it in braces."""
