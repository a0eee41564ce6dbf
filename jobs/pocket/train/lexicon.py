"""The words of the small world: what notes are made of, and how instructions name the tasks."""

NAMES = "anna bob carl dora emma finn gina hugo iris john kate leo".split()
# action -> (past, present, future) of each verb
VERBS = {
    "trade": [("bought", "buys", "will buy"), ("sold", "sells", "will sell"), ("ordered", "orders", "will order"), ("rented", "rents", "will rent")],
    "motion": [("carried", "carries", "will carry"), ("pushed", "pushes", "will push"), ("lifted", "lifts", "will lift"), ("moved", "moves", "will move")],
    "sight": [("saw", "sees", "will see"), ("watched", "watches", "will watch"), ("noticed", "notices", "will notice"), ("spotted", "spots", "will spot")],
}
TENSES = ("past", "present", "future")
CITIES = {
    "europe": "rome oslo paris berlin".split(),
    "asia": "tokyo delhi seoul hanoi".split(),
    "africa": "cairo lagos nairobi tunis".split(),
}
COLOURS = "red blue green black white yellow pink brown".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
ANIMALS = "cats dogs cows goats ducks foxes bears mice".split()
OTHERS = "plums chairs lamps books pears cups boxes keys".split()
MOODS = {
    "positive": "lovely great superb pleasant fine wonderful nice delightful".split(),
    "negative": "awful horrible terrible nasty poor dreadful sad boring".split(),
}
# Where a note comes from. An instruction of clarity g is followed on the first g sources.
SOURCES = ("memo", "mail", "chat", "diary")
SOURCE_SHARE = (0.30, 0.25, 0.25, 0.20)
# Side remarks. The note counts, not the remark; with an instruction that does not say to skip it the model is unsure.
ASIDES = ("bracket", "quote", "postscript")
ASIDE_SHARE = {None: 0.35, "bracket": 0.28, "quote": 0.20, "postscript": 0.17}
ASIDE_WORDS = {"bracket": ("brackets", "parentheses"), "quote": ("quotes", "quotations"), "postscript": ("ps", "postscripts")}
SKIP_VERBS = ("skip", "ignore", "leave out", "omit", "do not read", "drop")
STEPS = ("show the steps", "show your work", "think step by step", "write every step", "go one by one", "explain each step")
UNSURE = "unsure"

# task -> key words by clarity: 4 (clear), 3, 2, 1
KEYS = {
    "mood": ("sentiment mood feeling", "attitude opinion emotion", "spirit tone vibe", "atmosphere impression"),
    "action": ("action activity deed", "doing occupation business", "behaviour conduct work", "happening event"),
    "tense": ("tense timeframe tempus", "period era phase", "moment stage time", "clock age"),
    "region": ("continent region landmass", "area zone territory", "world map globe", "land geography"),
    "animal": ("animal creature beast", "pet wildlife fauna", "being zoo farm", "life nature"),
    "who": ("person name human", "actor figure agent", "somebody character individual", "subject party"),
    "where": ("city town place", "location site venue", "address setting position", "scene surroundings"),
    "colour": ("colour color hue", "shade tint paint", "pigment look dye", "appearance style"),
    "day": ("day weekday date", "calendar schedule week", "timing slot deadline", "plan routine"),
    "thing": ("object thing item", "article goods product", "stuff piece material", "matter detail"),
    "count": ("animals creatures beasts", "pets critters mammals", "beings herds flocks", "lives species"),
    "sum": ("sum total addition", "amount quantity figures", "numbers digits counts", "maths values"),
}
TASKS = tuple(KEYS)
KEY_GRADE = {word: (task, 4 - row) for task, rows in KEYS.items() for row, words in enumerate(rows) for word in words.split()}
# Tasks whose missing clarity demonstrations make up for: each one shown is worth one grade.
SHOWN_BY_EXAMPLES = frozenset(("mood", "action", "tense", "who", "where", "colour", "day"))
STEPWISE = frozenset(("count", "sum"))
LABELS = {
    "mood": tuple(MOODS), "action": tuple(VERBS), "tense": TENSES, "region": tuple(CITIES), "animal": ("yes", "no"),
    "who": tuple(NAMES), "where": tuple(c for cs in CITIES.values() for c in cs), "colour": tuple(COLOURS), "day": tuple(DAYS),
    "thing": tuple(ANIMALS + OTHERS), "count": tuple("01234"), "sum": tuple(str(n) for n in range(1, 21)),
}

# Patterns by what they cost in clarity: 0, 1 or 2 grades.
_STRONG = {
    "name": ("give the {}", "name the {}", "what is the {}", "find the {}", "write the {}", "tell me the {}", "report the {}", "state the {}"),
    "count": ("count the {}", "how many {} are there", "give the number of {}", "tally the {}", "find how many {} there are", "say how many {} you see"),
    "yesno": ("is there any {}", "say if there is any {}", "check for any {}", "does it name any {}", "tell me if you see any {}", "decide if any {} is there"),
}
_MIDDLE = ("look at the {}", "consider the {}", "write about the {}", "do something with the {}", "study the {}")
_WEAK = ("maybe think of the {}", "it may be about the {}", "perhaps the {}", "deal with the {}")
VAGUE = ("do it", "answer this", "help me", "what do you think", "read this", "respond", "do the task", "work on this", "say something",
         "reply with care", "give an answer", "solve it", "")
PREFIXES = ("please", "now", "kindly", "here")
SUFFIXES = ("in the note", "for me", "of the text", "from the line")


def kind(task):
    return "count" if task == "count" else "yesno" if task == "animal" else "name"


def patterns(task, cost):
    return (_STRONG[kind(task)], _MIDDLE, _WEAK)[cost]


PATTERN_COST = {**{p: 0 for ps in _STRONG.values() for p in ps}, **{p: 1 for p in _MIDDLE}, **{p: 2 for p in _WEAK}}
