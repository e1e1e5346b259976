-- Writes that were put off and go again by themselves become a range of an index. Reads all writes that are not done once.

create index effect_again on effect (company, due, id) where state = 'ready' and sends + absents + pauses > 0;
