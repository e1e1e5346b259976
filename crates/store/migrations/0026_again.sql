-- Writes that were put off and go again by themselves become a range of an index. Reads all writes once: of a million
-- orders, as long as the disk takes to read the file.

create index effect_again on effect (company, due, id) where state = 'ready' and sends + absents + pauses > 0;
