-- How many submissions are in each state, and which, without going through all that is known of them.
CREATE INDEX nianbao_submissions_state ON nianbao_submissions (collection, state, unit);
