"""The words that invented names are made of. None is meant to name a real team, artist or venue."""

NICKNAMES = (
    "Herons", "Kestrels", "Ferrymen", "Tinkers", "Lamplighters", "Stonecutters", "Wayfarers", "Quarrymen",
    "Cinders", "Tidewaters", "Ironbarks", "Beekeepers", "Millwrights", "Harriers", "Longshoremen", "Coopers",
    "Snowgeese", "Weathervanes", "Stargazers", "Ridgebacks", "Copperheads", "Plovers", "Foxgloves", "Bellringers",
)  # fmt: skip

ADJECTIVES = (
    "Paper", "Copper", "Hollow", "Amber", "Borrowed", "Midnight", "Northern", "Salted", "Wandering", "Glass",
    "Quiet", "Painted", "Feathered", "Tin", "Crooked", "Evergreen", "Distant", "Sunken", "Woolen", "Second",
)  # fmt: skip

BAND_NOUNS = (
    "Meridians", "Lanterns", "Almanacs", "Cartographers", "Orchards", "Telegraphs", "Thimbles", "Peninsulas",
    "Parasols", "Harvesters", "Semaphores", "Bicycles", "Umbrellas", "Barometers", "Magpies", "Escapements",
)  # fmt: skip

SURNAMES = (
    "Quillfeather", "Fennimore-Vane", "Thistlewood", "Brackenbury", "Oakenshaw", "Merriwether-Lund", "Larkspur",
    "Halvergate", "Winterbourne", "Pennywhistle", "Ashgrove", "Saltmarsh", "Emberley", "Coldbrook", "Tamarind",
)  # fmt: skip

TOUR_TITLES = (
    "Long Way Round", "Letters From Nowhere", "Every Other Summer", "Maps We Lost", "The Tide Comes Back",
    "Slow Fireworks", "Half the Sky", "Leave the Porch Light On", "Static and Snow", "One More Orchard",
)  # fmt: skip

SHOW_TITLES = (
    "The Clockmaker's Daughter of Vell", "Seven Bridges Home", "The Understudy's Ghost", "Marigold Lane",
    "A Lighthouse for Agnes", "The Last Ferry", "Tin Crown", "The Beekeeper's Waltz", "Midwinter Express to Orla",
    "Salt and Cedar", "The Cartographer's Wife of Penn", "Nine Lanterns",
)  # fmt: skip

FESTIVAL_NOUNS = ("Orchard", "Driftwood", "Cloudberry", "Millpond", "Hayloft", "Tideline", "Foxfire", "Junebug")
FESTIVAL_KINDS = ("Music Festival", "Folk Weekend", "Jazz Days", "Sound Fair")

VENUE_WORDS = (
    "Harborlight", "Copperline", "Ironwood", "Bluestem", "Granary", "Northgate", "Foundry", "Silverbirch",
    "Lockkeeper", "Marlstone", "Tallgrass", "Brightwater", "Kingfisher", "Old Mill", "Summit Ridge", "Riverbend",
    "Cedar Point Row", "Lanternfield", "Stillwater Quay", "Redwing", "Halcyon Row", "Wheelhouse", "Amberfield",
    "Saltworks", "Thornbury",
)  # fmt: skip

PUBLIC_NOTES = (
    "Aisle seats.", "Includes entry to the club lounge.", "Tickets are transferred by phone.",
    "Row is the first of its section.", "Valid ID needed at the door.", "No re-entry.", "Seats are side by side.",
    "Includes a food and drink credit of $25.",
)  # fmt: skip
OBSTRUCTED_NOTES = ("Limited view of the stage.", "A rail crosses the view.", "The scoreboard cannot be seen.")
BROKER_NOTES = ("Ask for {name} before splitting.", "Ships the day before.", "{name} can upload within the hour.")
INTERNAL_NOTES = ("Season account of {name}.", "Bought from {name}.", "Paid for by {name}.", "Check barcodes first.")

PARKING_LOTS = ("Lot A", "Lot B", "Lot C", "Lot East", "Garage North", "Garage South")
