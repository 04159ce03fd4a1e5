"""The shop window's own work: finding products on the shelf, narrowing them, counting what each choice would leave.

Everything here reads the published tables alone, through a session of `tenants.database.public()`, and knows neither
tenant nor officer. However many products there are, a page reads a bounded number of them.
"""
