"""The month's round: drafts that write themselves on the first working day, reminders to whom is late, and the board of
who has sent and who has not. The schedule works in each Kanwil's scope, by its calendar and clock; the board reads for
the centre.
"""
