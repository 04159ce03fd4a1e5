"""The post: handing mails to a server or a folder, and what became of them.

A mailbox that refuses a mail is noted with the server's answer, left in peace for a while and tried again; the mails
that wait for one are owed meanwhile. Nobody else's mail is held up by it. `mailing` decides what is written to whom.
"""
