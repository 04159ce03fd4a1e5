"""What is said about a case: comments, internal notes, attachments, opinions asked of a colleague or an expert.

Nothing here decides: no use case of this room changes a case's state, stage or version. What the UPT may read lies
in UPT-owned tables (`Comment`, `CommentFile`), what only the Kanwil may read in Kanwil-owned ones (`Note`, `NoteFile`,
`Opinion`, `Invitation`), so that the guard and row level security hold the line and no view has to. Views, API and
templates of `webapp` call `comments`, `opinions`, `invitations`, `guests` and `queries`.
"""
