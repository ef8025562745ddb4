"""Play the same seeds with two policies, read their records, and compare them seed by seed."""

from pathlib import Path

from tracesim.results import read_records
from tracesim.run import main


def played(policy: str) -> dict:
    """Return the records of a run by seed."""
    folder = Path("outputs", policy)
    words = ["task=click_bell", "variation=clean", "episodes=3", "video=false"]
    main([*words, f"policy={policy}", f"hydra.run.dir={folder}"])
    return {record.seed: record for record in read_records(folder / "episodes.jsonl")}


expert, noisy = played("expert"), played("noisy_expert")
print("\nseed  expert        noisy expert  margin of touches")
for seed in expert:
    ended = [one.failure.stage if one.failure else "success" for one in (expert[seed], noisy[seed])]
    margins = " ".join(f"{1000 * one.margins['touches']:+7.1f} mm" for one in (expert[seed], noisy[seed]))
    print(f"{seed:4}  {ended[0]:12}  {ended[1]:12}  {margins}")

better = sum(expert[seed].success > noisy[seed].success for seed in expert)
worse = sum(expert[seed].success < noisy[seed].success for seed in expert)
print(f"of {len(expert)} seeds, {better} succeed with the expert alone and {worse} with the noisy expert alone")
