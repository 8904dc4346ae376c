from course_utils.world.names import PARTS, World


def name_words(world: World, part: str) -> set[str]:
    tokens = (
        token
        for entities in world.entities[part].values()
        for entity in entities
        for form in entity.forms.values()
        for token in form
    )
    return {word for word, _, tag in tokens if tag != "O"}


def test_the_same_seed_gives_the_same_world() -> None:
    def names(seed: int) -> list[object]:
        return [entity.forms for _, entity in World(seed).all()]

    assert names(3) == names(3)
    assert names(3) != names(4)


def test_towns_surnames_and_coined_names_are_of_one_part(invented: World) -> None:
    for stock in (invented.towns, invented.surnames, invented.coined, *invented.firsts.values()):
        lists = [set(stock.of(part)) for part in PARTS]
        assert all(lists)
        assert sum(map(len, lists)) == len(set.union(*lists))


def test_links_stay_within_a_part(invented: World) -> None:
    for part in PARTS:
        for people in invented.entities[part]["p"]:
            assert all(linked.part == part for linked in people.links.values())


def test_surnames_are_not_towns(invented: World) -> None:
    towns = {town for part in PARTS for town in invented.towns.of(part)}
    assert not towns & {name for part in PARTS for name in invented.surnames.of(part)}


def test_clubs_carry_the_name_of_their_town(invented: World) -> None:
    for club in invented.entities["test"]["c"]:
        assert club.forms["full"][0][0] == club.links["town"].forms["core"][0][0]


def test_name_tags_are_well_formed(invented: World) -> None:
    for _, entity in invented.all():
        for form in entity.forms.values():
            before = "O"
            for _, _, tag in form:
                assert not tag.startswith("I-") or before[2:] == tag[2:]
                before = tag


def test_every_kind_is_drawn_often_and_not_evenly(invented: World) -> None:
    for part in PARTS:
        for kind, entities in invented.entities[part].items():
            assert len(entities) >= 3, (part, kind)
            assert name_words(invented, part)
