"""Makes plausible worlds of ticket listings, the same ones every time.

``offers.seed_listings`` streams a world of any size, ``offers.seed_events`` tells its events beforehand;
``shift.shifted`` moves a committed world ahead of today; ``provider.TicketTradeProvider`` has the trade's words.
It knows entities and documents, and nothing of stores, HTTP or the machine's clock.
This file imports none of them: moving dates need not load Faker.
"""
