"""The grammar files of the .cdx language, read by conductor_dsl.language.text_to_tree."""
