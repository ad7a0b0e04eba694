"""Pure: a `Report` in, text or a document out. Nothing here prints, measures or decides."""
