"""Refutes: a student trained at temperature T has to predict at T. Which temperature agrees with the teacher?"""
import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
X = torch.randn(200, 10)                                 # (cases, features)
fresh = torch.randn(500, 10)                             # inputs never trained on
W = 1.5 * torch.randn(10, 6)                                 # the teacher's logits: X @ W
temperatures = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]


def distill(teacher_T, student_T):
    """A student of the same form, trained on the soft loss alone until it stops improving."""
    U = torch.zeros(10, 6, requires_grad=True)
    optimizer = torch.optim.LBFGS([U], max_iter=2000, max_eval=10000, tolerance_grad=1e-12, tolerance_change=1e-16, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(X @ U / student_T, (X @ W / teacher_T).softmax(1))
        value.backward()
        return value

    optimizer.step(loss)
    return U.detach()


def gap(U, T, teacher_T=1.0):
    """Mean total variation between the student at T and the teacher, which is used at 1."""
    return ((fresh @ U / T).softmax(1) - (fresh @ W / teacher_T).softmax(1)).clamp_min(0).sum(1).mean().item()


def best(U, teacher_T=1.0):
    return min(temperatures, key=lambda T: gap(U, T, teacher_T))


for T in (2.0, 4.0, 8.0):
    U = distill(T, T)
    assert best(U) == 1.0 and gap(U, 1.0) < 1e-3, f"always-one: trained at {T}, used at {best(U)}, gap {gap(U, 1.0):.1e}"
trained_at = 4.0
U = distill(trained_at, trained_at)
print(f"gap: trained at T = 4, used at 4: {gap(U, 4.0):.2f} from the teacher; used at 1: less than 0.001")
assert 1 > gap(U, 4.0) > 0.2 > 1e-3 > gap(U, 1.0), f"gap: {gap(U, 4.0):.2f} and {gap(U, 1.0):.1e}"

answers = {T: (fresh @ U / T).argmax(1) for T in temperatures}
sure = {T: (fresh @ U / T).softmax(1).amax(1).mean().item() for T in (1.0, 4.0)}
teacher = (fresh @ W).softmax(1).amax(1).mean().item()
right = (answers[1.0] == (fresh @ W).argmax(1)).double().mean().item()
assert right > 0.99 and all(torch.equal(a, answers[1.0]) for a in answers.values()), "same-answer: the accuracy doesn't show the difference"
assert abs(sure[1.0] - teacher) < 1e-3 < 0.2 < teacher - sure[4.0], f"confidence: {sure}, teacher {teacher:.2f}"
print(f"confidence: mean top probability: teacher {teacher:.2f}, student at 1 {sure[1.0]:.2f}, at 4 {sure[4.0]:.2f}")

one_sided = distill(trained_at, 1.0)                       # only the teacher is softened
assert best(one_sided) == 1 / trained_at, f"one-sided: needs {best(one_sided)}, a quarter"
print(f"one-sided: only the teacher at 4: at 1 the student is {gap(one_sided, 1.0):.2f} off; it would need T = 0.25")

claimed, actual = best(U, trained_at), best(U)           # agrees with its training targets; with the teacher in use
print(f"claimed {claimed}, actual {actual}: temperature at which a student trained at 4 agrees with its teacher")
assert actual == 1.0 < claimed == trained_at, f"not-at-inference: {actual}, not {claimed}"
