export const load = ({ locals }) => ({ visited: locals.visited });
