"""The bilingual grammar: paired patterns, written in English and in French at once."""
