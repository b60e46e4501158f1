"""Makes plausible worlds of ticket listings, the same ones every time.

``listings.seed_listings`` streams a world of any size, ``listings.seed_events`` tells its events
beforehand; ``shift.shifted`` moves a committed world ahead of today; ``fixtures`` writes the
worlds that ship with mockpos; ``provider.TicketTradeProvider`` adds the trade's words to Faker.
It knows entities and documents, and nothing of stores, HTTP or the machine's clock.
This file imports none of them: moving dates need not load Faker.
"""
