"""v0"""
import random
from course_utils.world.names import World
from course_utils.world.grammar import Scene, expand, text_of, capitalised
def review(world: World, rng: random.Random, held_out: bool = False) -> tuple[int, str]:
    good = rng.random() < .5
    s = Scene(world, rng, lambda: rng.choices(("train","validation","test"), (58,16,26))[0])
    t = ["The <food> at {f} in {t} was good and the <job> was <trait> .", "I would go back to {t} ."] if good else ["The <food> in {t} was cold and the <job> was bored/JJ .", "Never again ."]
    return (4 if good else 0), " ".join(text_of([w for w,_,_ in capitalised(expand(x, s))]) for x in t)
