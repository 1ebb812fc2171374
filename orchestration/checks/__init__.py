"""Whether a night looks as nights do: what is found is shown and told, and stops no publication."""
