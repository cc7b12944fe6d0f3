"""Refutes: distillation makes a model smaller. The student's size is chosen before; here it exceeds the teacher's."""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)                                 # small matrices: threads would only wait for each other


class Rings(torch.nn.Module):
    """A rule without parameters: the nearer a ring of radius 1, 2 or 3, the more probable its class."""

    def forward(self, X):
        r = X.norm(dim=1, keepdim=True)                  # (cases, 1)
        return -4 * (r - torch.tensor([1.0, 2.0, 3.0])).abs()         # (cases, 3) logits


teacher = Rings()
on_rings = torch.tensor([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])
assert teacher(on_rings).argmax(1).tolist() == [0, 1, 2], "rings: each ring is of its class"


def size(model):
    return sum(w.numel() for w in model.parameters())


def agreement(model, X):
    """Mean probability mass that both put on the same classes."""
    return torch.minimum(model(X).softmax(1), teacher(X).softmax(1)).sum(1).mean().item()


def distill(hidden, seed, T=2.0):
    """Size and agreement with the teacher on fresh inputs, before and after distillation."""
    torch.manual_seed(seed)
    draw = lambda n: 3.5 * F.normalize(torch.randn(n, 2)) * torch.rand(n, 1)
    X, fresh = draw(500), draw(2000)                    # no labels: the teacher makes the targets
    student = torch.nn.Sequential(torch.nn.Linear(2, hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, 3))
    before = size(student), agreement(student, fresh)
    optimizer = torch.optim.Adam(student.parameters(), lr=0.03)
    p = (teacher(X) / T).softmax(1)
    for _ in range(300):
        optimizer.zero_grad()
        (T**2 * F.cross_entropy(student(X) / T, p)).backward()
        optimizer.step()
    return before, (size(student), agreement(student, fresh))


for hidden in (16, 64):
    runs = [distill(hidden, seed) for seed in range(3)]
    sizes = {s for run in runs for s, _ in run}
    assert sizes == {2 * hidden + hidden + 3 * hidden + 3}, f"size: {sizes}, before and after, set by whoever builds the student"
    worst, start = min(after for _, (_, after) in runs), max(before for (_, before), _ in runs)
    assert start < 0.6 < 0.93 < worst, f"learned: hidden {hidden}, agreement from at most {start:.2f} to at least {worst:.2f}"
    print(f"size: {hidden} hidden units: {sizes.pop()} parameters before, as many after; agreement above 0.9 in {len(runs)} of {len(runs)} runs")

claimed, actual = size(teacher), runs[-1][1][0]          # made smaller, the student is no larger than its teacher
print(f"claimed {claimed}, actual {actual}: parameters of the student of a teacher that has none")
assert actual > claimed + 100, f"not-shrunk: {actual}, not {claimed}"
